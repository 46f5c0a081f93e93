/* Readiness: one looks for all, what it found counts for a while, and no longer. The database is never there. */
#include "../request/fixture.h"

#include "api/health.h"
#include "base/clock.h"
#include "base/metrics.h"

enum { UNREACHABLE = 1, SECOND = 1000000 };

struct world {
    struct arena *arena;
    struct config config;
    struct worker worker;
    struct request request;
};

static int setup(void **state)
{
    static struct world world;
    world = (struct world){.arena = arena_create(), .config = config_hs256()};
    world.worker = (struct worker){.config = &world.config, .arena = world.arena};
    world.worker.db = database_create(&world.config);
    world.request = (struct request){.arena = world.arena};
    *metrics_ready() = (struct metrics_ready){0};
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    database_destroy(world->worker.db);
    arena_destroy(world->arena);
    return 0;
}

#define HEALTH_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* What stands in the shared file: looked so long ago, claimed for so much longer, with that finding. */
static void leave(int64_t ago_us, int64_t claimed_us, uint64_t finding)
{
    struct metrics_ready *shared = metrics_ready();
    int64_t now = clock_monotonic_us();
    shared->looked_at = now - ago_us;
    shared->claimed_until = claimed_us ? now + claimed_us : 0;
    shared->finding = finding;
}

static const char *ask(struct world *world)
{
    world->request = (struct request){.arena = world->arena};
    return ready_answer(&world->worker, &world->request) ? world->request.answer
                                                         : world->request.error_details;
}

static void alive_needs_no_database(void **state)
{
    struct world *world = *state;
    assert_true(health_answer(&world->worker, &world->request));
    assert_string_equal(world->request.answer, "{\"status\":\"ok\"}");
}

static void the_first_looks_and_leaves_what_it_found(void **state)
{
    assert_non_null(strstr(ask(*state), "\"database\":\"unreachable\",\"schema\":null"));
    struct world *world = *state;
    assert_int_equal(world->request.error.code, ERROR_NOT_READY);
    assert_non_null(strstr(world->request.error.detail, "MariaDB error"));
    assert_true(metrics_ready()->looked_at != 0 && metrics_ready()->finding == UNREACHABLE);
    assert_true(metrics_ready()->claimed_until == 0);
}

static void for_a_second_the_finding_counts(void **state)
{
    leave(SECOND / 2, 0, 99 << 8);
    assert_non_null(strstr(ask(*state), "\"status\":\"ready\",\"database\":\"ok\",\"schema\":99"));
    leave(SECOND + SECOND / 2, 0, 99 << 8);
    assert_non_null(strstr(ask(*state), "unreachable"));
}

static void while_another_looks_the_one_before_counts_for_three_seconds(void **state)
{
    leave(2 * SECOND, 10 * SECOND, 99 << 8);
    assert_non_null(strstr(ask(*state), "\"status\":\"ready\""));
    leave(4 * SECOND, 10 * SECOND, 99 << 8);
    assert_non_null(strstr(ask(*state), "\"database\":\"slow\""));
}

/* The one who claimed it has died, or the machine has been started anew since. */
static void a_claim_that_cannot_be_holds_nobody(void **state)
{
    leave(4 * SECOND, -1, 99 << 8);
    assert_non_null(strstr(ask(*state), "unreachable"));
    leave(4 * SECOND, 3600 * (int64_t)SECOND, 99 << 8);
    assert_non_null(strstr(ask(*state), "unreachable"));
    leave(-3600 * (int64_t)SECOND, 0, 99 << 8);
    assert_non_null(strstr(ask(*state), "unreachable"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HEALTH_TEST(alive_needs_no_database),
        HEALTH_TEST(the_first_looks_and_leaves_what_it_found),
        HEALTH_TEST(for_a_second_the_finding_counts),
        HEALTH_TEST(while_another_looks_the_one_before_counts_for_three_seconds),
        HEALTH_TEST(a_claim_that_cannot_be_holds_nobody),
    };
    return cmocka_run_group_tests_name("api/health", tests, NULL, NULL);
}
