/* A stated share of places, decided by the request's id; new items first, the least explored before others;
 * the first place and the order of the rest are left alone. */
#include "../fixture.h"

#include "recommender/shaping/exploration.h"

enum { LENGTH = 10, CANDIDATES = 4 };

struct world {
    struct arena *arena;
    struct engine_result list[LENGTH];
    struct exploration_candidate candidates[CANDIDATES];
    uint32_t explored[LENGTH];
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    for (uint32_t i = 0; i < LENGTH; i++)
        world.list[i] = (struct engine_result){.item = i, .score = 0.9F - (float)i / 20};
    for (uint32_t i = 0; i < CANDIDATES; i++)
        world.candidates[i] = (struct exploration_candidate){.result.item = 100 + i, .explored = i};
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    arena_destroy(world->arena);
    return 0;
}

#define EXPLORATION_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct exploration tenth = {.share = 0.1, .impressions = 3};

static size_t run(struct world *world, uint64_t seed, size_t candidates, size_t places)
{
    return explore(world->arena, &tenth, seed, world->candidates, candidates, world->list, LENGTH, places,
                   world->explored);
}

static void the_share_holds_on_average(void **state)
{
    size_t sum = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 10000; seed++)
        sum += exploration_places(&(struct exploration){.share = 0.25}, 6, exploration_seed("r") + seed);
    assert_in_range(sum, 14500, 15500);
    assert_int_equal(exploration_places(&tenth, 20, 7), 2);
    assert_int_equal(exploration_places(&(struct exploration){.share = 0.5}, 1, 7), 0);
    assert_int_equal(exploration_places(&tenth, 0, 7), 0);
    assert_int_equal(exploration_places(&(struct exploration){.share = 0}, 100, 7), 0);
}

static void the_same_request_explores_the_same(void **state)
{
    struct world *world = *state;
    struct engine_result before[LENGTH], once[LENGTH];
    memcpy(before, world->list, sizeof(before));
    assert_int_equal(run(world, exploration_seed("request"), CANDIDATES, 2), 2);
    memcpy(once, world->list, sizeof(once));
    memcpy(world->list, before, sizeof(before));
    assert_int_equal(run(world, exploration_seed("request"), CANDIDATES, 2), 2);
    assert_memory_equal(once, world->list, sizeof(once));
    assert_true(exploration_seed("request") != exploration_seed("another"));
}

static void the_least_explored_come_first(void **state)
{
    struct world *world = *state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        assert_int_equal(run(world, seed, CANDIDATES, 2), 2);
        assert_int_equal(world->explored[0], 100);
        assert_int_equal(world->explored[1], 101);
    }
}

static void those_with_their_impressions_wait(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < CANDIDATES; i++)
        world->candidates[i].explored = i == 2 ? 2 : 3;
    assert_int_equal(run(world, 5, CANDIDATES, 1), 1);
    assert_int_equal(world->explored[0], 102);
}

static void the_rest_keeps_its_order(void **state)
{
    struct world *world = *state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        uint32_t last = 0;
        int guests = 0;
        teardown(state);
        setup(state);
        assert_int_equal(run(world, seed, CANDIDATES, 3), 3);
        assert_int_equal(world->list[0].item, 0);
        for (size_t i = 1; i < LENGTH; i++) {
            assert_true(world->list[i].score <= world->list[i - 1].score);
            if (world->list[i].item >= 100) {
                assert_int_equal(world->list[i].source, ENGINE_SOURCE_EXPLORATION);
                guests++;
                continue;
            }
            assert_int_equal(world->list[i].item, last + 1);
            last = world->list[i].item;
        }
        assert_int_equal(guests, 3);
    }
}

static void every_place_but_the_first_is_used(void **state)
{
    struct world *world = *state;
    bool used[LENGTH] = {false};
    for (uint64_t seed = 0; seed < 500; seed++) {
        teardown(state);
        setup(state);
        run(world, seed * 7919, CANDIDATES, 1);
        for (size_t i = 0; i < LENGTH; i++)
            used[i] = used[i] || world->list[i].item >= 100;
    }
    assert_false(used[0]);
    for (size_t i = 1; i < LENGTH; i++)
        assert_true(used[i]);
}

static void preferences_stay_in_front(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 4; i++)
        world->list[i].preferred = true;
    assert_int_equal(run(world, 9, CANDIDATES, 2), 0);
    world->candidates[3].result.preferred = true;
    assert_int_equal(run(world, 9, CANDIDATES, 2), 1);
    assert_int_equal(world->explored[0], 103);
    assert_true(world->list[4].preferred && !world->list[5].preferred);
}

static void nobody_to_explore_changes_nothing(void **state)
{
    struct world *world = *state;
    assert_int_equal(run(world, 1, 0, 3), 0);
    assert_int_equal(world->list[LENGTH - 1].item, LENGTH - 1);
    assert_int_equal(run(world, 1, CANDIDATES, 0), 0);
    assert_int_equal(
        explore(world->arena, &tenth, 1, world->candidates, 1, world->list, 1, 1, world->explored), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXPLORATION_TEST(the_share_holds_on_average),    EXPLORATION_TEST(the_same_request_explores_the_same),
        EXPLORATION_TEST(the_least_explored_come_first), EXPLORATION_TEST(those_with_their_impressions_wait),
        EXPLORATION_TEST(the_rest_keeps_its_order),      EXPLORATION_TEST(every_place_but_the_first_is_used),
        EXPLORATION_TEST(preferences_stay_in_front),     EXPLORATION_TEST(nobody_to_explore_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
