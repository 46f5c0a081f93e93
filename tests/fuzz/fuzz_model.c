/* Fuzzes the model file with the functions that workers use: open, look up, filter, rank.
 *
 * The first byte says what is done to the bytes and with them (see enum). The header's checksum is made right
 * first, or nothing behind it would ever be reached; model_open() without that is covered by the inputs whose
 * first byte is odd. The map from texts to vectors is too large for an input: it is put behind the file, all
 * its numbers the last four bytes of the input. What must hold: no crash, no read outside, scores that are
 * finite and never rise, and nothing in the list that the filter refuses.
 *
 * Covers: fcgi/engine/model.c fcgi/engine/model_access.c fcgi/engine/recommend.c fcgi/engine/catalogue.c
 * Covers: fcgi/engine/relevance.c fcgi/engine/explain.c fcgi/engine/text_search.c fcgi/engine/ranking.c
 * Longest: 16384 */
#include "fixture.h"

#include "engine/catalogue.h"
#include "engine/explain.h"
#include "engine/filter.h"
#include "engine/item_vector.h"
#include "engine/model.h"
#include "engine/model_format.h"
#include "engine/recommend.h"
#include "engine/text_search.h"

#include <math.h>
#include <zlib.h>

enum { LIMIT = 20, SEEDS = 8 };
enum { AS_IT_IS = 1, WITH_MAP = 2, WITH_CHANGES = 4 };

/* The file as it is to be opened. */
struct file {
    unsigned char *bytes;
    size_t size;
};

/* Gives the entry of the map in the table of sections a place at the end of the file. */
static void add_map(struct file *file, const struct input *input)
{
    size_t place = (file->size + MODEL_ALIGNMENT - 1) / MODEL_ALIGNMENT * MODEL_ALIGNMENT;
    size_t table = sizeof(struct model_header);
    if (file->size < table + MODEL_SECTION__MAX * sizeof(struct model_section) || input->length < 4)
        return;
    file->bytes = memory_resize(file->bytes, place + ITEM_VECTOR_MAP_BYTES, 1);
    memset(file->bytes + file->size, 0, place - file->size);
    for (size_t at = place; at < place + ITEM_VECTOR_MAP_BYTES; at += 4)
        memcpy(file->bytes + at, input->bytes + input->length - 4, 4);
    file->size = place + ITEM_VECTOR_MAP_BYTES;
    for (size_t i = 0; i < MODEL_SECTION__MAX; i++, table += sizeof(struct model_section)) {
        struct model_section section;
        memcpy(&section, file->bytes + table, sizeof(section));
        if (section.kind != MODEL_SECTION_TEXT_MAP)
            continue;
        section.offset = place;
        section.bytes = ITEM_VECTOR_MAP_BYTES;
        memcpy(file->bytes + table, &section, sizeof(section));
    }
}

static void seal(unsigned char *bytes, size_t size)
{
    struct model_header header;
    if (size < sizeof(header))
        return;
    memcpy(&header, bytes, sizeof(header));
    if (header.header_bytes < sizeof(header) || header.header_bytes > size)
        return;
    header.total_bytes = size;
    header.header_crc32 = 0;
    memcpy(bytes, &header, sizeof(header));
    header.header_crc32 = (uint32_t)crc32(0, bytes, header.header_bytes);
    memcpy(bytes, &header, sizeof(header));
}

static void search(const struct catalogue *catalogue, struct arena *arena)
{
    static const char *const texts[] = {"red mug", "mgu", "lamps"};
    struct text_hit hits[LIMIT];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct text_query query = {.catalogue = catalogue, .text = texts[i], .limit = LIMIT};
        size_t count = text_search(&query, arena, hits, NULL);
        for (size_t j = 0; j < count; j++)
            must(hits[j].item < catalogue_item_count(catalogue) && hits[j].score > 0, "a hit is an item");
    }
}

/* Whether ids rise, as they do in a model that is not damaged: equal scores are put in order by them. */
static bool is_in_order(const struct catalogue *catalogue)
{
    uint32_t count = model_item_count(catalogue_model(catalogue));
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(catalogue_id(catalogue, i - 1), catalogue_id(catalogue, i)) >= 0)
            return false;
    }
    return true;
}

static void rank(const struct catalogue *catalogue, struct arena *arena, enum engine_strategy strategy)
{
    struct filter_value value = {.text = "mugs", .number = NAN};
    struct filter_condition condition = {
        .column = "category", .operator= FILTER_EQUAL, .values = &value, .value_count = 1};
    const struct filter *filter = filter_compile(arena, catalogue, &condition, 1);
    struct engine_history_entry history[SEEDS];
    struct engine_result results[LIMIT];
    for (uint32_t i = 0; i < SEEDS; i++)
        history[i] = (struct engine_history_entry){.item = i, .weight = i % 3 ? 1 : -0.5F};
    for (int filtered = 0; filtered < 2; filtered++) {
        struct engine_query query = {.catalogue = catalogue,
                                     .strategy = strategy,
                                     .history = history,
                                     .history_count = SEEDS,
                                     .filters = &filter,
                                     .filter_count = (size_t)filtered,
                                     .limit = LIMIT,
                                     .now = 1700000000};
        size_t count = engine_recommend(&query, arena, results);
        for (size_t i = 0; i < count; i++) {
            must(isfinite(results[i].score) && results[i].score >= 0 && results[i].score <= 1,
                 "score out of range");
            must(i == 0 || results[i].score <= results[i - 1].score, "scores rise");
            must(!filtered || filter_matches(filter, results[i].item), "an item outside of the filter");
        }
        for (uint32_t i = 0; i < catalogue_item_count(catalogue) && i < SEEDS; i++) {
            struct engine_explanation explained;
            engine_explain_item(&query, i, arena, &explained);
            bool listed = explained.standing == ENGINE_LISTED;
            must(isfinite(explained.relevance), "relevance not finite");
            if (filtered)
                continue; /* a damaged list of items by value may leave out what the filter lets pass */
            must(listed == (explained.rank >= 1 && explained.rank <= count), "rank without a place");
            must(!listed || results[explained.rank - 1].item == i || !is_in_order(catalogue),
                 "another item at its rank");
        }
    }
}

/* An item of the model that has changed, and one that it does not know. */
static void change(struct catalogue *catalogue)
{
    struct engine_item known, item = {.id = "new", .name = "red lamp", .description = "", .metadata = "{}"};
    struct engine_field field = {"category", "mugs", NAN};
    item.active = true;
    item.fields = &field;
    item.field_count = 1;
    catalogue_apply(catalogue, &item);
    catalogue_get(catalogue, 0, &known);
    item.id = known.id;
    catalogue_apply(catalogue, &item);
}

static void look_up(const struct catalogue *catalogue)
{
    uint32_t index, count = catalogue_item_count(catalogue);
    for (uint32_t i = 0; i < count && i < 50; i++) {
        struct engine_item item;
        const char *text;
        catalogue_get(catalogue, i, &item);
        must(strlen(item.id) + strlen(item.name) + strlen(item.metadata) < SIZE_MAX, "texts");
        if (!catalogue_find(catalogue, item.id, strlen(item.id), &index) ||
            !catalogue_first_text(catalogue, i, "category", &text))
            continue;
        must(strlen(text) < SIZE_MAX, "column text");
    }
}

static void use(const struct model *model, unsigned how)
{
    struct catalogue *catalogue = catalogue_create(model, NULL);
    struct arena *arena = arena_create();
    if (how & WITH_CHANGES)
        change(catalogue);
    look_up(catalogue);
    if (catalogue_item_count(catalogue) < 100000) {
        for (int strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++)
            rank(catalogue, arena, (enum engine_strategy)strategy);
        search(catalogue, arena);
    }
    arena_destroy(arena);
    catalogue_destroy(catalogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.bytes = (const char *)data, .length = size};
    struct model *model;
    int fd;
    if (size < 2)
        return 0;
    unsigned how = input_byte(&input);
    struct file file = {.bytes = memory_alloc(input.length, 1), .size = input.length};
    memcpy(file.bytes, input.bytes, input.length);
    if (how & WITH_MAP)
        add_map(&file, &input);
    if (!(how & AS_IT_IS))
        seal(file.bytes, file.size);
    struct arena *arena = arena_create();
    const char *path = file_of(arena, (const char *)file.bytes, file.size, &fd);
    if (model_open(path, &model) == MODEL_OK) {
        enum model_error ignored = model_verify(model);
        (void)ignored;
        use(model, how);
        model_close(model);
    }
    close(fd);
    arena_destroy(arena);
    memory_free(file.bytes);
    return 0;
}
