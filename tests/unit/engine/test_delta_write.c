/* A catalogue answers the same, byte for byte, however its changes are split between a delta and the heap. */
#include "fixture.h"

#include "base/hash.h"
#include "engine/delta.h"
#include "engine/explain.h"
#include "engine/text_search.h"

#include <errno.h>

enum { MODEL_ITEMS = 150, IDS = 220, STEPS = 400, WORDS = 60, RESULTS = 300 };

/* One catalogue with all on its heap, and one that is now and then written and opened again. */
struct world {
    struct arena *arena;
    char *folder;
    const char *path;
    struct model *model; /* NULL: none */
    struct delta *delta;
    struct catalogue *whole, *split;
    uint64_t drawn;
    unsigned written;
};

static uint32_t draw(struct world *world, uint32_t below)
{
    return (uint32_t)(hash_next(&world->drawn) % below);
}

static const char *draw_words(struct world *world, uint32_t most)
{
    static const char *const stems[] = {"lamp", "mug", "kettle", "chair", "lantern", "damp"};
    const char *text = "";
    for (uint32_t i = draw(world, most + 1); i > 0; i--) {
        uint32_t word = draw(world, WORDS);
        text = arena_format(world->arena, "%s%s%u ", text, stems[word % COUNT(stems)], word / 12);
    }
    return text;
}

static struct engine_item draw_item(struct world *world, uint32_t number)
{
    const char *colours[] = {"colour=red", "colour=blue", "colour=green"};
    const char *pairs[] = {colours[draw(world, 3)], colours[draw(world, 3)],
                           arena_format(world->arena, "price=%u", draw(world, 40)),
                           arena_format(world->arena, "brand=%s", draw_words(world, 2)),
                           arena_format(world->arena, "size.width=%u", draw(world, 3))};
    struct engine_item item = make_item(world->arena, arena_format(world->arena, "i%03u", number),
                                        draw_words(world, 4), pairs, draw(world, 6));
    item.description = draw_words(world, 9);
    item.metadata = arena_format(world->arena, "{\"made\":%u}", draw(world, 1000));
    item.created += draw(world, 100 * DAY);
    item.active = draw(world, 10) > 0;
    return item;
}

static void make_model(struct world *world)
{
    struct engine_item *items = arena_alloc(world->arena, MODEL_ITEMS, sizeof(*items));
    struct event *events = arena_alloc(world->arena, MODEL_ITEMS * 8, sizeof(*events));
    for (uint32_t i = 0; i < MODEL_ITEMS; i++)
        items[i] = draw_item(world, i);
    for (uint32_t i = 0; i < MODEL_ITEMS * 8; i++)
        events[i] = (struct event){arena_format(world->arena, "u%u", draw(world, 40)),
                                   items[draw(world, MODEL_ITEMS)].id, 1, (int)draw(world, 60)};
    world->model = train_model(items, MODEL_ITEMS, events, MODEL_ITEMS * 8);
}

static struct world *make_world(bool with_model, uint64_t seed)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    world->arena = arena_create();
    world->folder = folder_create();
    world->path = folder_path(world->arena, world->folder, "delta");
    world->drawn = seed;
    if (with_model)
        make_model(world);
    world->whole = catalogue_create(world->model, NULL);
    world->split = catalogue_create(world->model, NULL);
    return world;
}

static void end_world(struct world *world)
{
    catalogue_destroy(world->whole);
    catalogue_destroy(world->split);
    delta_close(world->delta);
    model_close(world->model);
    unlink(world->path);
    folder_remove(world->folder);
    arena_destroy(world->arena);
    memory_free(world);
}

/* Everything on the heap of the split one goes into a file. */
static void write_delta(struct world *world)
{
    struct delta_origin origin = delta_origin_of(DELTA_CHANGES, 3, world->model, 1);
    struct delta_state state = {.revision = ++world->written};
    struct delta *delta;
    assert_true(delta_write(world->path, world->split, &origin, &state));
    assert_int_equal(delta_open(world->path, &origin, &delta), DELTA_OK);
    assert_int_equal(delta_state(delta).revision, world->written);
    assert_int_equal(delta_change_count(delta), catalogue_change_count(world->split));
    catalogue_destroy(world->split);
    delta_close(world->delta);
    world->delta = delta;
    world->split = catalogue_create(world->model, delta);
}

static void change_both(struct world *world)
{
    struct engine_item item = draw_item(world, draw(world, IDS));
    catalogue_apply(world->whole, &item);
    catalogue_apply(world->split, &item);
    if (draw(world, 4) == 0) {
        uint32_t index = draw(world, catalogue_item_count(world->whole));
        float all_time = (float)draw(world, 30), recent = (float)draw(world, 9);
        if (world->model && draw(world, 2))
            return;
        catalogue_set_popularity(world->whole, index, all_time, recent);
        catalogue_set_popularity(world->split, index, all_time, recent);
    }
}

/* ---- Comparing */

static void compare_values(const struct world *world, uint32_t index)
{
    static const char *const paths[] = {"colour", "price", "brand", "size.width", "size", "none"};
    struct catalogue_values left = catalogue_values(world->whole, index);
    struct catalogue_values right = catalogue_values(world->split, index);
    assert_int_equal(left.count, right.count);
    for (size_t i = 0; i < left.count; i++) {
        struct engine_field a = catalogue_value(&left, i), b = catalogue_value(&right, i);
        assert_string_equal(a.path, b.path);
        assert_string_equal(a.text, b.text);
        assert_memory_equal(&a.number, &b.number, sizeof(a.number));
    }
    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *a = "", *b = "";
        assert_int_equal(catalogue_first_text(world->whole, index, paths[i], &a),
                         catalogue_first_text(world->split, index, paths[i], &b));
        assert_string_equal(a, b);
    }
}

static void compare_item(const struct world *world, uint32_t index)
{
    const size_t vector_bytes = ENGINE_VECTOR_SIZE * sizeof(float);
    struct engine_item a, b;
    uint32_t found;
    catalogue_get(world->whole, index, &a);
    catalogue_get(world->split, index, &b);
    assert_string_equal(a.id, b.id);
    assert_string_equal(a.name, b.name);
    assert_string_equal(a.description, b.description);
    assert_string_equal(a.metadata, b.metadata);
    assert_true(a.created == b.created && a.updated == b.updated && a.active == b.active);
    assert_string_equal(catalogue_id(world->split, index), a.id);
    assert_true(catalogue_find(world->split, a.id, strlen(a.id), &found) && found == index);
    assert_int_equal(catalogue_is_active(world->split, index), a.active);
    assert_int_equal(catalogue_is_changed(world->whole, index), catalogue_is_changed(world->split, index));
    assert_true(catalogue_first_seen(world->whole, index) == catalogue_first_seen(world->split, index));
    assert_true(catalogue_popularity(world->whole, index) == catalogue_popularity(world->split, index));
    assert_true(catalogue_recent(world->whole, index) == catalogue_recent(world->split, index));
    assert_true(catalogue_events(world->whole, index) == catalogue_events(world->split, index));
    assert_memory_equal(catalogue_vector(world->whole, index), catalogue_vector(world->split, index),
                        vector_bytes);
    assert_memory_equal(catalogue_embedding(world->whole, index), catalogue_embedding(world->split, index),
                        vector_bytes);
    compare_values(world, index);
}

static void compare_changed(const struct world *world)
{
    size_t left = 0, right = 0;
    uint32_t a, b;
    while (catalogue_next_changed(world->whole, &left, &a)) {
        assert_true(catalogue_next_changed(world->split, &right, &b));
        assert_int_equal(a, b);
    }
    assert_false(catalogue_next_changed(world->split, &right, &b));
}

static struct filter *make_filter(struct arena *arena, const struct catalogue *catalogue, unsigned which)
{
    struct filter_value red = {.text = "red", .number = (double)NAN};
    struct filter_value ten = {.text = "10", .number = 10};
    struct filter_value like = {.text = "%lamp%", .number = (double)NAN};
    struct filter_condition conditions[] = {
        {.column = "colour", .operator= FILTER_EQUAL, .values = &red, .value_count = 1},
        {.column = "price", .operator= FILTER_GREATER, .values = &ten, .value_count = 1},
        {.column = "brand", .operator= FILTER_LIKE, .values = &like, .value_count = 1},
        {.column = "name", .operator= FILTER_NOT_LIKE, .values = &like, .value_count = 1},
        {.column = "size.width", .operator= FILTER_LESS, .values = &ten, .value_count = 1},
    };
    return filter_compile(arena, catalogue, conditions + which % COUNT(conditions), 1);
}

static size_t recommend(const struct catalogue *catalogue, struct arena *arena, unsigned which,
                        struct engine_result *results, struct engine_explanation *explanation)
{
    const struct filter *filter = make_filter(arena, catalogue, which);
    struct engine_history_entry history[] = {{3, 1}, {170, 1}, {40, -1}, {151, 0.5F}, {9, 1}};
    struct engine_query query = {.catalogue = catalogue,
                                 .strategy = (enum engine_strategy)(which % ENGINE_STRATEGY__MAX),
                                 .history = history,
                                 .history_count = COUNT(history),
                                 .newest_first = which & 1,
                                 .filters = &filter,
                                 .filter_count = which % 3 > 0,
                                 .preferences = &filter,
                                 .preference_count = which % 3 == 0,
                                 .limit = which % 2 ? 12 : RESULTS,
                                 .now = fixture_now};
    engine_explain_item(&query, which % catalogue_item_count(catalogue), arena, explanation);
    return engine_recommend(&query, arena, results);
}

static void compare_lists(const struct world *world)
{
    for (unsigned which = 0; which < 30; which++) {
        struct arena *arena = arena_create();
        struct engine_result left[RESULTS] = {0}, right[RESULTS] = {0};
        struct engine_explanation a, b;
        size_t count = recommend(world->whole, arena, which, left, &a);
        assert_int_equal(recommend(world->split, arena, which, right, &b), count);
        assert_memory_equal(left, right, count * sizeof(*left));
        assert_true(a.standing == b.standing && a.rank == b.rank && a.relevance == b.relevance &&
                    a.content == b.content && a.contribution_count == b.contribution_count);
        arena_destroy(arena);
    }
}

static void compare_searches(const struct world *world)
{
    static const char *const texts[] = {"lamp0", "lam",    "mug1 kettle2", "lantrn3",
                                        "i003",  "chairs", "da",           "zzz"};
    static const char *const fields[] = {"name", "colour"};
    for (size_t i = 0; i < COUNT(texts) * 2; i++) {
        struct arena *arena = arena_create();
        struct text_hit left[RESULTS] = {0}, right[RESULTS] = {0};
        struct text_query query = {.text = texts[i / 2],
                                   .fields = fields,
                                   .field_count = i % 2 ? COUNT(fields) : 0,
                                   .limit = RESULTS};
        size_t total, other;
        query.catalogue = world->whole;
        size_t count = text_search(&query, arena, left, &total);
        query.catalogue = world->split;
        assert_int_equal(text_search(&query, arena, right, &other), count);
        assert_int_equal(total, other);
        assert_memory_equal(left, right, count * sizeof(*left));
        arena_destroy(arena);
    }
}

static void compare_all(const struct world *world)
{
    uint32_t count = catalogue_item_count(world->whole), index;
    assert_int_equal(catalogue_item_count(world->split), count);
    assert_int_equal(catalogue_change_count(world->split), catalogue_change_count(world->whole));
    assert_int_equal(catalogue_has_own_popularity(world->split), catalogue_has_own_popularity(world->whole));
    assert_false(catalogue_find(world->split, "i", 1, &index));
    assert_false(catalogue_find(world->split, "i2199", 5, &index));
    for (index = 0; index < count; index++)
        compare_item(world, index);
    compare_changed(world);
    compare_lists(world);
    compare_searches(world);
}

static void split_at_random(bool with_model, uint64_t seed)
{
    struct world *world = make_world(with_model, seed);
    for (int step = 1; step <= STEPS; step++) {
        change_both(world);
        if (draw(world, 60) == 0)
            write_delta(world);
        if (step % 100 == 0)
            compare_all(world);
    }
    write_delta(world);
    compare_all(world); /* nothing on the heap */
    assert_true(world->written > 2);
    end_world(world);
}

static void a_split_over_a_model_changes_nothing(void **state)
{
    (void)state;
    split_at_random(true, 1);
}

static void a_split_without_a_model_changes_nothing(void **state)
{
    (void)state;
    split_at_random(false, 3);
}

/* Of so many words with one beginning only the first count, wherever they are. */
static void many_words_with_one_beginning(void **state)
{
    (void)state;
    struct world *world = make_world(false, 4);
    for (uint32_t i = 0; i < 1500; i++) {
        uint32_t number = i * 7 % 1500;
        struct engine_item item = PLAIN(world->arena, arena_format(world->arena, "i%u", number),
                                        arena_format(world->arena, "abc%04u", number));
        if (i % 5 == 0)
            item.name = "removed from its word";
        catalogue_apply(world->whole, &item);
        catalogue_apply(world->split, &item);
        if (i == 700)
            write_delta(world);
    }
    struct text_query query = {.catalogue = world->whole, .text = "abc", .limit = 1000};
    struct text_hit *left = arena_alloc(world->arena, 1000, sizeof(*left)), *right;
    right = arena_alloc(world->arena, 1000, sizeof(*right));
    size_t count = text_search(&query, world->arena, left, NULL);
    assert_int_equal(count, 500);
    query.catalogue = world->split;
    assert_int_equal(text_search(&query, world->arena, right, NULL), count);
    assert_memory_equal(left, right, count * sizeof(*left));
    end_world(world);
}

/* Memory goes into the file, and the file does not grow by what is written again. */
static void writing_empties_the_heap(void **state)
{
    (void)state;
    struct world *world = make_world(false, 5);
    size_t empty = catalogue_bytes(world->split);
    uint64_t bytes = 0;
    for (int round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < 300; i++) {
            struct engine_item item = draw_item(world, i);
            item.metadata = "{}";
            item.name = "a lamp";
            catalogue_apply(world->split, &item);
        }
        assert_true(catalogue_bytes(world->split) > empty + 300 * 600);
        write_delta(world);
        assert_in_range(catalogue_bytes(world->split), empty, empty + 100);
        assert_true(!bytes || delta_bytes(world->delta) < bytes * 5 / 4);
        bytes = bytes ? bytes : delta_bytes(world->delta);
    }
    end_world(world);
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    struct world *world = make_world(true, 6);
    struct delta_state written = {.revision = 1};
    struct delta_origin origin = delta_origin_of(DELTA_CHANGES, 3, world->model, 1);
    struct delta_origin other = delta_origin_of(DELTA_CHANGES, 3, NULL, 1);
    struct delta_origin unknown = delta_origin_of(DELTA_CHANGES, 3, world->model, 0);
    assert_false(delta_write("/nowhere/delta", world->split, &origin, &written));
    assert_int_equal(errno, ENOENT);
    assert_false(delta_write(world->path, world->split, &other, &written));
    assert_false(delta_write(world->path, world->split, &unknown, &written));
    assert_int_equal(access(world->path, F_OK), -1);
    end_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_split_over_a_model_changes_nothing),
        cmocka_unit_test(a_split_without_a_model_changes_nothing),
        cmocka_unit_test(many_words_with_one_beginning),
        cmocka_unit_test(writing_empties_the_heap),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
