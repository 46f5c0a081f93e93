/* A small shop with a model, and questions to it; shared by the tests of ranking. */
#ifndef PALATE_TEST_ENGINE_RECOMMEND_WORLD_H
#define PALATE_TEST_ENGINE_RECOMMEND_WORLD_H

#include "fixture.h"

/* Mugs are bought together, lamps are bought together, and nobody buys both. m0 is what sold best of all
 * time, l0 is what sells now; n1 and n2 were never sold. Kinds are numbers and names nonsense, so that
 * content says nothing but where a test wants it to. */
struct world {
    struct arena *arena;
    struct model *model;
    struct catalogue *catalogue;
};

enum { ROOM = 64 };

FIXTURE size_t add_pairs(struct event *events, size_t count, struct arena *arena, const char *left,
                         const char *right, int users, int days_ago)
{
    for (int i = 0; i < users; i++) {
        const char *user = arena_format(arena, "%s%s%d", left, right, i);
        events[count++] = (struct event){user, left, 1, days_ago};
        events[count++] = (struct event){user, right, 1, days_ago};
    }
    return count;
}

FIXTURE int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    struct arena *arena = world->arena = arena_create();
    struct engine_item items[] = {
        ITEM(arena, "m0", "qqqq", "kind=1", "colour=red"),         ITEM(arena, "m1", "wwww", "kind=1"),
        ITEM(arena, "m2", "eeee", "kind=1", "colour=blue"),        ITEM(arena, "l0", "rrrr", "kind=2"),
        ITEM(arena, "l1", "tttt", "kind=2", "colour=blue"),        ITEM(arena, "l2", "yyyy", "kind=2"),
        ITEM(arena, "n1", "garden flamingo inflatable", "kind=9"), ITEM(arena, "n2", "zzzz", "kind=9"),
    };
    struct event events[400];
    size_t count = add_pairs(events, 0, arena, "m0", "m1", 20, 100);
    count = add_pairs(events, count, arena, "m0", "m2", 10, 100);
    count = add_pairs(events, count, arena, "m1", "m2", 6, 60);
    count = add_pairs(events, count, arena, "l0", "l1", 8, 0);
    count = add_pairs(events, count, arena, "l0", "l2", 4, 0);
    world->model = train_model(items, COUNT(items), events, count);
    world->catalogue = catalogue_create(world->model, NULL);
    *state = world;
    return 0;
}

FIXTURE int teardown(void **state)
{
    struct world *world = *state;
    catalogue_destroy(world->catalogue);
    model_close(world->model);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

FIXTURE struct engine_query query_of(const struct world *world, enum engine_strategy strategy, size_t limit)
{
    return (struct engine_query){
        .catalogue = world->catalogue, .strategy = strategy, .limit = limit, .now = fixture_now};
}

/* Asks, and checks what holds for every answer. */
FIXTURE size_t ask(struct world *world, const struct engine_query *query, struct engine_result results[ROOM])
{
    memset(results, 0xee, ROOM * sizeof(*results));
    size_t count = engine_recommend(query, world->arena, results);
    assert_true(count <= query->limit && count <= ROOM);
    for (size_t i = 0; i < count; i++) {
        assert_true(results[i].score >= 0 && results[i].score <= 1);
        assert_true(isfinite(results[i].raw));
        assert_true(i == 0 || results[i].score <= results[i - 1].score);
        assert_true(catalogue_is_active(query->catalogue, results[i].item));
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(results[i].item, results[k].item);
    }
    return count;
}

FIXTURE void expect(struct world *world, const struct engine_query *query, const char *expected)
{
    struct engine_result results[ROOM];
    size_t count = ask(world, query, results);
    assert_string_equal(ids_of(world->arena, query->catalogue, results, count), expected);
}

FIXTURE struct engine_history_entry *past(struct world *world, const char *id, float weight)
{
    struct engine_history_entry *entry = arena_alloc(world->arena, 1, sizeof(*entry));
    *entry = (struct engine_history_entry){.item = index_of(world->catalogue, id), .weight = weight};
    return entry;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
