/* Good deltas are read as written; whatever is wrong with one is found or does no harm. */
#include "fixture.h"

#include "base/hash.h"
#include "engine/delta.h"
#include "engine/delta_format.h"
#include "engine/explain.h"
#include "engine/text_search.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

/* A good delta in memory, to be broken, and the file it is written to. */
struct world {
    struct arena *arena;
    char *folder;
    const char *path;
    struct model *model;
    struct delta_origin origin;
    unsigned char good[1 << 16], bytes[1 << 16]; /* of the file, and a copy that the test may change */
    size_t size;
    struct delta_header *header; /* in the copy */
};

static void read_good(struct world *world)
{
    FILE *file = fopen(world->path, "rb");
    assert_non_null(file);
    world->size = fread(world->good, 1, sizeof(world->good), file);
    fclose(file);
    assert_in_range(world->size, sizeof(struct delta_header) + 1, sizeof(world->good) - 1);
    memcpy(world->bytes, world->good, world->size);
}

static void write_bytes(const struct world *world, size_t size)
{
    FILE *file = fopen(world->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(world->bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Trained once: it takes longer than all the tests. */
static struct model *good_model;

static int train_once(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    struct engine_item items[] = {
        ITEM(arena, "a", "red mug", "category=mugs", "price=5"), PLAIN(arena, "b", "blue mug"),
        ITEM(arena, "c", "green lamp", "category=lamps"), PLAIN(arena, "d", "yellow lamp")};
    struct event events[] = {{"u", "a", 1, 3}, {"u", "b", 1, 2}, {"v", "a", 1, 9}, {"v", "c", 1, 1}};
    good_model = train_model(items, COUNT(items), events, COUNT(events));
    arena_destroy(arena);
    return 0;
}

static int close_model(void **state)
{
    (void)state;
    model_close(good_model);
    return 0;
}

static int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    world->arena = arena_create();
    world->folder = folder_create();
    world->path = folder_path(world->arena, world->folder, "delta");
    world->model = good_model;
    world->origin = delta_origin_of(DELTA_CHANGES, 5, world->model, 9);
    struct catalogue *catalogue = catalogue_create(world->model, NULL);
    struct engine_item changes[] = {
        ITEM(world->arena, "b", "blue cup", "category=mugs", "price=7", "tags=x", "tags=y"),
        ITEM(world->arena, "n", "new lamp", "category=lamps", "price=8"), PLAIN(world->arena, "d", "lamp"),
        ITEM(world->arena, "o", "another cup", "price=9")};
    changes[2].active = false;
    for (size_t i = 0; i < COUNT(changes); i++)
        catalogue_apply(catalogue, &changes[i]);
    catalogue_set_popularity(catalogue, 0, 3, 2); /* without a content */
    catalogue_set_popularity(catalogue, 4, 5, 1);
    struct delta_state written = {.revision = 12, .is_full = true, .popularity_read_at = 34};
    assert_true(delta_write(world->path, catalogue, &world->origin, &written));
    catalogue_destroy(catalogue);
    read_good(world);
    world->header = (void *)world->bytes;
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    unlink(world->path);
    folder_remove(world->folder);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

/* ---- Good ones */

static void a_delta_is_read_as_written(void **state)
{
    struct world *world = *state;
    struct delta *delta;
    struct engine_item item;
    struct stat status;
    uint32_t index;
    assert_int_equal(stat(world->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(delta_open(world->path, &world->origin, &delta), DELTA_OK);
    struct delta_state read = delta_state(delta);
    assert_int_equal(read.revision, 12);
    assert_true(read.is_full);
    assert_int_equal(read.popularity_read_at, 34);
    assert_int_equal(delta_bytes(delta), world->size);
    assert_int_equal(delta_change_count(delta), 4);
    struct catalogue *catalogue = catalogue_create(world->model, delta);
    assert_int_equal(catalogue_item_count(catalogue), 6);
    assert_int_equal(catalogue_change_count(catalogue), 4);
    assert_int_equal(index_of(catalogue, "n"), 4);
    assert_int_equal(index_of(catalogue, "o"), 5);
    catalogue_get(catalogue, 1, &item);
    assert_string_equal(item.name, "blue cup");
    assert_null(item.fields);
    assert_false(catalogue_is_active(catalogue, 3));
    assert_int_equal(catalogue_level(catalogue, 0), CATALOGUE_MODEL);
    assert_int_equal(catalogue_level(catalogue, 1), CATALOGUE_DELTA);
    assert_true(catalogue_popularity(catalogue, 0) == 3 && catalogue_recent(catalogue, 4) == 1);
    item = PLAIN(world->arena, "n", "now on the heap");
    catalogue_apply(catalogue, &item);
    item.id = "p";
    catalogue_apply(catalogue, &item);
    assert_int_equal(index_of(catalogue, "p"), 6);
    assert_int_equal(catalogue_change_count(catalogue), 5);
    assert_int_equal(catalogue_level(catalogue, 4), CATALOGUE_HEAP);
    assert_true(catalogue_recent(catalogue, 4) == 1);
    assert_false(catalogue_find(catalogue, "n\0", 2, &index));
    catalogue_destroy(catalogue);
    delta_close(delta);
    delta_close(NULL);
}

static void is_current_sees_a_new_file(void **state)
{
    struct world *world = *state;
    struct delta *delta;
    assert_int_equal(delta_open(world->path, &world->origin, &delta), DELTA_OK);
    assert_true(delta_is_current(delta, world->path));
    const char *other = folder_path(world->arena, world->folder, "other");
    assert_false(delta_is_current(delta, other));
    assert_int_equal(rename(world->path, other), 0);
    assert_false(delta_is_current(delta, world->path));
    write_bytes(world, world->size);
    assert_false(delta_is_current(delta, world->path)); /* the same bytes, another file */
    delta_close(delta);
    unlink(other);
}

static void a_delta_of_another_model_is_not_used(void **state)
{
    struct world *world = *state;
    struct engine_item items[] = {PLAIN(world->arena, "a", "A"), PLAIN(world->arena, "b", "B"),
                                  PLAIN(world->arena, "c", "C"), PLAIN(world->arena, "z", "Z")};
    struct model *other = train_model(items, COUNT(items), NULL, 0);
    struct delta_origin origin = delta_origin_of(DELTA_CHANGES, 5, other, 9);
    struct delta *delta;
    assert_int_equal(delta_open(world->path, &origin, &delta), DELTA_OTHER_ORIGIN);
    assert_int_equal(delta_open(world->path, &world->origin, &delta), DELTA_OK);
    struct catalogue *catalogue = catalogue_create(other, delta); /* by mistake */
    assert_int_equal(catalogue_item_count(catalogue), 4);
    assert_int_equal(catalogue_change_count(catalogue), 0);
    catalogue_destroy(catalogue);
    delta_close(delta);
    model_close(other);
}

/* ---- Wrong ones */

/* The header's checksum is made right, so that what was broken is what is found. */
static enum delta_error open_sealed(struct world *world)
{
    struct delta *delta;
    world->header->checksum = 0;
    world->header->checksum = crc32(0, world->bytes, sizeof(*world->header));
    write_bytes(world, world->size);
    enum delta_error error = delta_open(world->path, &world->origin, &delta);
    delta_close(delta);
    memcpy(world->bytes, world->good, world->size);
    return error;
}

static void what_is_no_file_is_refused(void **state)
{
    struct world *world = *state;
    struct delta *delta = (struct delta *)1;
    const char *path = folder_path(world->arena, world->folder, "other");
    assert_int_equal(delta_open(path, &world->origin, &delta), DELTA_CANNOT_OPEN);
    assert_int_equal(errno, ENOENT);
    assert_null(delta);
    assert_int_equal(delta_open(world->folder, &world->origin, &delta), DELTA_NOT_A_FILE);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(delta_open(path, &world->origin, &delta), DELTA_NOT_A_FILE); /* and does not hang */
    unlink(path);
}

static void what_it_belongs_to_must_be_the_same(void **state)
{
    struct world *world = *state;
    struct delta *delta;
    for (int member = 0; member < 5; member++) {
        struct delta_origin other = world->origin;
        other.catalogue_key += member == 0;
        other.model_identity += member == 1;
        other.model_items += member == 2;
        other.kind += member == 3;
        other.boot += member == 4;
        assert_int_equal(delta_open(world->path, &other, &delta),
                         member == 4 ? DELTA_OTHER_BOOT : DELTA_OTHER_ORIGIN);
    }
    struct delta_origin withdrawn = delta_origin_of(DELTA_WITHDRAWN, 5, world->model, 9);
    assert_int_equal(delta_open(world->path, &withdrawn, &delta), DELTA_OTHER_ORIGIN);
    world->header->boot = world->origin.boot = 0; /* not known, then as now */
    assert_int_equal(open_sealed(world), DELTA_OTHER_BOOT);
    assert_true(delta_boot() != 0 && delta_boot() == delta_boot());
}

static void a_wrong_header_is_refused(void **state)
{
    struct world *world = *state;
    struct delta *delta;
    world->header->magic[0]++;
    assert_int_equal(open_sealed(world), DELTA_NOT_A_DELTA);
    world->header->version++;
    assert_int_equal(open_sealed(world), DELTA_NOT_A_DELTA);
    world->header->header_bytes++;
    assert_int_equal(open_sealed(world), DELTA_NOT_A_DELTA);
    world->header->total_bytes++;
    assert_int_equal(open_sealed(world), DELTA_DAMAGED);
    world->header->added_count++;
    assert_int_equal(open_sealed(world), DELTA_DAMAGED);
    world->header->override_count = 5; /* of four */
    world->header->added_count = 0;
    assert_int_equal(open_sealed(world), DELTA_DAMAGED);
    world->header->change_count = 99;
    assert_int_equal(open_sealed(world), DELTA_DAMAGED);
    for (size_t i = 0; i < sizeof(*world->header); i += 3) { /* with the checksum of before */
        world->bytes[i] ^= 1;
        write_bytes(world, world->size);
        assert_int_not_equal(delta_open(world->path, &world->origin, &delta), DELTA_OK);
        world->bytes[i] ^= 1;
    }
    assert_int_equal(open_sealed(world), DELTA_OK);
}

static void wrong_sections_are_refused(void **state)
{
    struct world *world = *state;
    struct delta_section *sections = world->header->sections;
    for (int kind = 0; kind < DELTA_SECTION__MAX; kind++) {
        sections[kind].offset += 8; /* misaligned */
        assert_int_equal(open_sealed(world), DELTA_DAMAGED);
        sections[kind].offset = 0; /* in the header */
        assert_int_equal(open_sealed(world), DELTA_DAMAGED);
        sections[kind].offset += 1 << 20; /* behind the end */
        assert_int_equal(open_sealed(world), DELTA_DAMAGED);
        sections[kind].offset = UINT64_MAX - 63;
        assert_int_equal(open_sealed(world), DELTA_DAMAGED);
        sections[kind].bytes++;
        assert_int_equal(open_sealed(world), DELTA_DAMAGED);
        sections[kind].bytes = UINT64_MAX;
        assert_int_equal(open_sealed(world), DELTA_DAMAGED);
    }
    sections[DELTA_SECTION_MARKS].offset = sections[DELTA_SECTION_ITEMS].offset; /* both in one place */
    assert_int_equal(open_sealed(world), DELTA_DAMAGED);
    world->bytes[world->size - 1] = 'x'; /* the texts do not end */
    assert_int_equal(open_sealed(world), DELTA_DAMAGED);
}

static void every_truncation_is_refused(void **state)
{
    struct world *world = *state;
    struct delta *delta;
    for (size_t size = 0; size < world->size; size += 13) {
        write_bytes(world, size);
        assert_int_equal(delta_open(world->path, &world->origin, &delta),
                         size < sizeof(*world->header) ? DELTA_NOT_A_DELTA : DELTA_DAMAGED);
    }
}

static void each_error_has_its_text(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DELTA_ERROR__MAX; i++)
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(delta_error_text((enum delta_error)i),
                                    delta_error_text((enum delta_error)j));
    assert_non_null(delta_error_text(DELTA_ERROR__MAX));
}

/* ---- Ones with a right header and a wrong inside */

static void use_item(const struct catalogue *catalogue, uint32_t index)
{
    struct engine_item item;
    uint32_t found;
    const char *text;
    catalogue_get(catalogue, index, &item);
    assert_true(strlen(item.id) + strlen(item.name) + strlen(item.metadata) < SIZE_MAX);
    if (catalogue_find(catalogue, item.id, strlen(item.id), &found))
        assert_true(found < catalogue_item_count(catalogue));
    struct catalogue_values values = catalogue_values(catalogue, index);
    for (size_t i = 0; i < values.count; i++)
        assert_true(strlen(catalogue_value(&values, i).text) < SIZE_MAX);
    if (catalogue_first_text(catalogue, index, "category", &text))
        assert_true(strlen(text) < SIZE_MAX);
    assert_true(catalogue_popularity(catalogue, index) >= 0 && catalogue_recent(catalogue, index) >= 0);
}

static void use_lists(const struct catalogue *catalogue)
{
    struct arena *arena = arena_create();
    struct filter_value value = {.text = "mugs", .number = (double)NAN};
    struct filter_condition condition = {
        .column = "category", .operator= FILTER_LIKE, .values = &value, .value_count = 1};
    const struct filter *filter = filter_compile(arena, catalogue, &condition, 1);
    struct engine_history_entry history[] = {{0, 1}, {1, -0.5f}, {4, 3}, {5, 1}};
    for (unsigned strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++) {
        struct engine_result results[9];
        struct engine_explanation explained;
        struct engine_query query = {.catalogue = catalogue,
                                     .strategy = (enum engine_strategy)strategy,
                                     .history = history,
                                     .history_count = COUNT(history),
                                     .preferences = &filter,
                                     .preference_count = strategy % 2,
                                     .limit = COUNT(results)};
        size_t count = engine_recommend(&query, arena, results);
        for (size_t i = 0; i < count; i++)
            assert_true(results[i].score >= 0 && results[i].score <= 1 && isfinite(results[i].raw));
        engine_explain_item(&query, 5, arena, &explained);
    }
    static const char *const texts[] = {"cup", "new lam", "mugg", "n"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct text_hit hits[9];
        struct text_query query = {.catalogue = catalogue, .text = texts[i], .limit = COUNT(hits)};
        size_t count = text_search(&query, arena, hits, NULL);
        for (size_t j = 0; j < count; j++)
            assert_true(hits[j].item < catalogue_item_count(catalogue) && hits[j].score > 0);
    }
    arena_destroy(arena);
}

/* Reads all there is, applies, and writes the next one. Nothing may crash. */
static void use_everything(struct world *world)
{
    struct delta *delta;
    struct delta_state next = {.revision = 13};
    struct engine_item item = ITEM(world->arena, "b", "blue mug", "category=mugs");
    write_bytes(world, world->size);
    if (delta_open(world->path, &world->origin, &delta) != DELTA_OK)
        return;
    struct catalogue *catalogue = catalogue_create(world->model, delta);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < catalogue_item_count(catalogue); i++)
            use_item(catalogue, i);
        use_lists(catalogue);
        catalogue_apply(catalogue, &item);
        item.id = "n";
        catalogue_apply(catalogue, &item);
    }
    if (delta_write(world->path, catalogue, &world->origin, &next))
        assert_int_equal(catalogue_item_count(catalogue) >= 6, true);
    catalogue_destroy(catalogue);
    delta_close(delta);
}

static void a_section_of_noise_never_crashes(void **state)
{
    struct world *world = *state;
    uint64_t drawn = 1;
    for (int kind = 0; kind < DELTA_SECTION__MAX; kind++) {
        struct delta_section section = world->header->sections[kind];
        for (int round = 0; round < 8; round++) {
            static const unsigned char fills[] = {0x00, 0xff, 0x7f, 0x80, 0x01};
            for (uint64_t i = 0; i < section.bytes; i++) {
                bool noise = round >= (int)COUNT(fills) && hash_next(&drawn) % 4 == 0;
                if (noise || round < (int)COUNT(fills))
                    world->bytes[section.offset + i] =
                        noise ? (unsigned char)(hash_next(&drawn) >> 60) : fills[round];
            }
            world->bytes[world->size - 1] = 0;
            use_everything(world);
            memcpy(world->bytes, world->good, world->size);
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_delta_is_read_as_written),           TEST(is_current_sees_a_new_file),
        TEST(a_delta_of_another_model_is_not_used), TEST(what_is_no_file_is_refused),
        TEST(what_it_belongs_to_must_be_the_same),  TEST(a_wrong_header_is_refused),
        TEST(wrong_sections_are_refused),           TEST(every_truncation_is_refused),
        TEST(a_section_of_noise_never_crashes),     cmocka_unit_test(each_error_has_its_text),
    };
    return cmocka_run_group_tests(tests, train_once, close_model);
}
