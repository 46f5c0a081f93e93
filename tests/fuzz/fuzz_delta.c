/* Fuzzes the delta file with the functions that workers use: open, look up, filter, rank, search, apply, write.
 *
 * A good delta over a small model is made once. The input is what is done to it: its first byte says whether the
 * header's checksum is made right afterwards (bit 0 clear) and whether items are applied above it (bit 1); then
 * come pieces of two bytes for a place, one for a length and as many bytes that are written there. So no format is stored, and a
 * change of it needs no new inputs. What must hold: no crash, no read outside, scores that are finite and never
 * rise, hits that are items, and a next delta that can be opened and has as many items.
 *
 * Covers: fcgi/engine/delta.c fcgi/engine/delta_write.c fcgi/engine/delta_words.c fcgi/engine/delta_stream.c
 * Covers: fcgi/engine/catalogue.c fcgi/engine/catalogue_item.c fcgi/engine/word_index.c
 * Covers: fcgi/engine/text_search.c */
#include "fixture.h"

#include "engine/catalogue.h"
#include "engine/delta.h"
#include "engine/delta_format.h"
#include "engine/filter.h"
#include "engine/recommend.h"
#include "engine/text_search.h"
#include "training/trainer.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <zlib.h>

enum { LIMIT = 20, ITEMS = 4, GOOD_MAX = 1 << 16 };
enum { AS_IT_IS = 1, WITH_CHANGES = 2 };

static struct {
    struct arena *arena;
    const char *folder;
    struct model *model;
    struct delta_origin origin;
    unsigned char bytes[GOOD_MAX];
    size_t size;
} good;

static struct engine_item make_item(const char *id, const char *name, const struct engine_field *fields)
{
    return (struct engine_item){.id = id,
                                .name = name,
                                .description = "a thing",
                                .metadata = "{}",
                                .active = true,
                                .fields = fields,
                                .field_count = 2};
}

static void train_model(const struct engine_field *fields)
{
    static const char *const ids[ITEMS] = {"a", "b", "c", "d"};
    struct trainer_options options = {.now = 1700000000, .generation = 1, .catalogue_revision = 1};
    struct trainer *trainer = trainer_create(&options);
    const char *path = arena_format(good.arena, "%s/model", good.folder);
    for (int i = 0; i < ITEMS; i++) {
        struct engine_item item = make_item(ids[i], i % 2 ? "red mug" : "desk lamp", fields);
        trainer_add_item(trainer, &item);
    }
    for (int i = 0; i < 24; i++)
        trainer_add_event(trainer, arena_format(good.arena, "u%d", i / 3), ids[i * 7 % ITEMS], 1,
                          1690000000 + i);
    trainer_build(trainer, NULL, NULL);
    must(trainer_write(trainer, path) == 0 && model_open(path, &good.model) == MODEL_OK, "a model");
    trainer_destroy(trainer);
    unlink(path);
}

/* Items of the model that were changed, and added ones. */
static void apply_items(struct catalogue *catalogue, const struct engine_field *fields, const char *name)
{
    static const char *const ids[] = {"b", "new", "d", "newer"};
    for (size_t i = 0; i < COUNT(ids); i++) {
        struct engine_item item = make_item(ids[i], i % 2 ? name : "night light", fields);
        item.active = i != 2;
        catalogue_apply(catalogue, &item);
    }
}

static const char *make_path(void)
{
    return arena_format(good.arena, "%s/delta", good.folder);
}

static void remove_folder(void)
{
    rmdir(good.folder);
    model_close(good.model);
    arena_destroy(good.arena);
}

static void make_good(void)
{
    static const struct engine_field fields[] = {{"category", "mugs", NAN}, {"price", "5", 5}};
    char folder[] = "/tmp/palate-fuzz-XXXXXX";
    struct delta_state state = {.revision = 1};
    must(mkdtemp(folder), "a folder");
    good.arena = arena_create();
    good.folder = arena_copy_text(good.arena, folder);
    train_model(fields);
    good.origin = delta_origin_of(DELTA_CHANGES, 1, good.model, 1);
    struct catalogue *catalogue = catalogue_create(good.model, NULL);
    apply_items(catalogue, fields, "red lamp");
    catalogue_set_popularity(catalogue, 0, 3, 1);
    must(delta_write(make_path(), catalogue, &good.origin, &state), "a delta");
    catalogue_destroy(catalogue);
    int descriptor = open(make_path(), O_RDONLY | O_CLOEXEC);
    ssize_t length = read(descriptor, good.bytes, sizeof(good.bytes));
    close(descriptor);
    unlink(make_path());
    must(length > 0 && length < GOOD_MAX, "a small delta");
    good.size = (size_t)length;
    atexit(remove_folder);
}

/* ---- Breaking it */

static void change_bytes(unsigned char *bytes, struct input *input)
{
    while (input->length > 3) {
        size_t place = input_byte(input) << 8;
        place = (place | input_byte(input)) % good.size;
        for (unsigned count = input_byte(input) % 16 + 1; count && place < good.size; count--)
            bytes[place++] = (unsigned char)input_byte(input);
    }
}

static void seal(unsigned char *bytes)
{
    struct delta_header header;
    memcpy(&header, bytes, sizeof(header));
    header.checksum = 0;
    header.checksum = crc32_z(0, (const unsigned char *)&header, sizeof(header));
    memcpy(bytes, &header, sizeof(header));
}

/* ---- Using it */

static void look_up(const struct catalogue *catalogue)
{
    for (uint32_t i = 0; i < catalogue_item_count(catalogue); i++) {
        struct engine_item item;
        struct catalogue_values values = catalogue_values(catalogue, i);
        uint32_t index;
        const char *text = "";
        catalogue_get(catalogue, i, &item);
        must(!catalogue_find(catalogue, item.id, strlen(item.id), &index) ||
                 index < catalogue_item_count(catalogue),
             "an index of an item");
        for (size_t j = 0; j < values.count; j++)
            must(strlen(catalogue_value(&values, j).text) < good.size, "a text");
        must(!catalogue_first_text(catalogue, i, "category", &text) || strlen(text) < good.size, "a text");
        must(catalogue_popularity(catalogue, i) >= 0 && catalogue_recent(catalogue, i) >= 0, "a count");
    }
}

static void rank(const struct catalogue *catalogue, struct arena *arena, enum engine_strategy strategy)
{
    struct filter_value value = {.text = "%mug%", .number = NAN};
    struct filter_condition condition = {
        .column = "category", .operator= FILTER_LIKE, .values = &value, .value_count = 1};
    const struct filter *filter = filter_compile(arena, catalogue, &condition, 1);
    struct engine_history_entry history[] = {{1, 1}, {4, -0.5F}, {5, 1}, {0, 1}};
    struct engine_result results[LIMIT];
    struct engine_query query = {.catalogue = catalogue,
                                 .strategy = strategy,
                                 .history = history,
                                 .history_count = COUNT(history),
                                 .filters = &filter,
                                 .filter_count = 1,
                                 .limit = LIMIT,
                                 .now = 1700000000};
    size_t count = engine_recommend(&query, arena, results);
    for (size_t i = 0; i < count; i++) {
        must(results[i].score >= 0 && results[i].score <= 1, "score out of range");
        must(i == 0 || results[i].score <= results[i - 1].score, "scores rise");
        must(filter_matches(filter, results[i].item), "an item outside of the filter");
    }
}

static void search(const struct catalogue *catalogue, struct arena *arena)
{
    static const char *const texts[] = {"red mug", "nihgt", "lam", "new", "things"};
    struct text_hit hits[LIMIT];
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct text_query query = {.catalogue = catalogue, .text = texts[i], .limit = LIMIT};
        size_t count = text_search(&query, arena, hits, NULL);
        for (size_t j = 0; j < count; j++)
            must(hits[j].item < catalogue_item_count(catalogue) && hits[j].score > 0, "a hit is an item");
    }
}

static void write_next(const struct catalogue *catalogue)
{
    struct delta_state state = {.revision = 2};
    struct delta *next;
    if (!delta_write(make_path(), catalogue, &good.origin, &state)) {
        must(errno == EOVERFLOW, "a next delta, but of one that has more of something than its sizes say");
        return;
    }
    must(delta_open(make_path(), &good.origin, &next) == DELTA_OK, "it can be opened");
    struct catalogue *again = catalogue_create(good.model, next);
    must(catalogue_item_count(again) == catalogue_item_count(catalogue), "as many items");
    look_up(again);
    catalogue_destroy(again);
    delta_close(next);
    unlink(make_path());
}

static void use(const struct delta *delta, unsigned how)
{
    static const struct engine_field fields[] = {{"category", "lamps", NAN}, {"price", "6", 6}};
    struct catalogue *catalogue = catalogue_create(good.model, delta);
    struct arena *arena = arena_create();
    if (how & WITH_CHANGES)
        apply_items(catalogue, fields, "green lamp");
    look_up(catalogue);
    for (int strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++)
        rank(catalogue, arena, (enum engine_strategy)strategy);
    search(catalogue, arena);
    write_next(catalogue);
    arena_destroy(arena);
    catalogue_destroy(catalogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.bytes = (const char *)data, .length = size};
    struct delta *delta;
    int fd;
    if (!good.size)
        make_good();
    unsigned how = input_byte(&input);
    unsigned char *bytes = memory_alloc(good.size, 1);
    memcpy(bytes, good.bytes, good.size);
    change_bytes(bytes, &input);
    if (!(how & AS_IT_IS))
        seal(bytes);
    struct arena *arena = arena_create();
    const char *path = file_of(arena, (const char *)bytes, good.size, &fd);
    if (delta_open(path, &good.origin, &delta) == DELTA_OK) {
        use(delta, how);
        delta_close(delta);
    }
    close(fd);
    arena_destroy(arena);
    memory_free(bytes);
    return 0;
}
