/* Counters that workers share: the same numbers in each process, names that find their place again, buckets. */
#include "fixture.h"

#include "base/metrics.h"

#include <sys/wait.h>

struct world {
    struct arena *arena;
    const char *folder, *state;
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.state = arena_format(world.arena, "%s/limits", world.folder);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"limits.metrics2"};
    struct world *world = *state;
    metrics_close();
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

static void open_shared(const struct world *world)
{
    char problem[300];
    if (!metrics_open(world->state, problem, sizeof(problem)))
        fail_msg("%s", problem);
    assert_true(metrics_is_shared());
}

/* The counts of a route; all 0 where there is none. */
static struct metrics_route find_route(const char *name)
{
    struct metrics_route route;
    for (size_t cursor = 0; metrics_next_route(&cursor, &route);) {
        if (!strcmp(route.name, name))
            return route;
    }
    return (struct metrics_route){.name = ""};
}

static uint64_t answers_of(const struct metrics_route *route, int status)
{
    for (size_t i = 0; i < METRICS_STATUSES; i++) {
        if (metrics_status(i) == status)
            return route->answers[i];
    }
    fail_msg("there is no place for %d", status);
    return 0;
}

/* Four processes count at once; nothing is lost, and a fifth sees all of it. */
static void workers_count_together(void **state)
{
    open_shared(*state);
    for (int i = 0; i < 4; i++) {
        if (fork())
            continue;
        open_shared(*state);
        for (int j = 0; j < 10000; j++) {
            metrics_count_request(j % 2 ? "GET /v1/items" : "POST /v1/events", 200, 700);
            metrics_count(METRICS_ROUND_TRIPS);
        }
        metrics_count_error("not_found");
        _exit(0);
    }
    int status, bad = 0;
    while (wait(&status) > 0)
        bad += status != 0;
    assert_int_equal(bad, 0);
    struct metrics_route route = find_route("GET /v1/items");
    struct metrics_error error;
    size_t cursor = 0;
    assert_int_equal(answers_of(&route, 200), 20000);
    assert_int_equal(route.took[1], 20000); /* above half a millisecond, up to one */
    assert_int_equal(route.took_us, 20000 * 700);
    assert_int_equal(metrics_read(METRICS_ROUND_TRIPS), 40000);
    assert_true(metrics_next_error(&cursor, &error));
    assert_string_equal(error.code, "not_found");
    assert_int_equal(error.count, 4);
    assert_false(metrics_next_error(&cursor, &error));
}

static void without_a_file_a_process_counts_alone(void **state)
{
    const struct world *world = *state;
    char problem[300];
    uint64_t before = metrics_read(METRICS_STARTS);
    assert_false(metrics_open("", problem, sizeof(problem)));
    assert_string_equal(problem, "");
    metrics_count(METRICS_STARTS);
    assert_int_equal(metrics_read(METRICS_STARTS), before + 1);
    assert_false(metrics_is_shared());
    assert_false(metrics_open(arena_format(world->arena, "%s/absent/limits", world->folder), problem,
                              sizeof(problem)));
    assert_non_null(strstr(problem, "/absent/limits.metrics2: cannot be opened"));
    open_shared(world);
    assert_int_equal(metrics_read(METRICS_STARTS), 0);
    metrics_close();
    assert_int_equal(metrics_read(METRICS_STARTS), before + 1);
}

static void each_time_is_in_the_bucket_that_ends_at_it_or_above(void **state)
{
    open_shared(*state);
    for (size_t i = 0; i < METRICS_BUCKETS - 1; i++) {
        metrics_count_request("GET /x", 200, metrics_bound_us(i));
        metrics_count_request("GET /x", 200, metrics_bound_us(i) + 1);
        assert_true(metrics_bound_us(i) < metrics_bound_us(i + 1));
    }
    metrics_count_request("GET /x", 200, -5); /* a clock that was set back */
    struct metrics_route route = find_route("GET /x");
    assert_int_equal(route.took[0], 2);
    for (size_t i = 1; i < METRICS_BUCKETS - 1; i++)
        assert_int_equal(route.took[i], 2);
    assert_int_equal(route.took[METRICS_BUCKETS - 1], 1);
}

/* "a:3/4 b:..." of the first quota, as they are published. */
static const char *list_quotas(struct arena *arena)
{
    struct metrics_quotas quotas;
    const char *text = "";
    for (size_t cursor = 0; metrics_next_quotas(&cursor, &quotas);)
        text = arena_format(arena, "%s%s:%d/%d ", text, quotas.key, (int)quotas.used[0], (int)quotas.most[0]);
    return text;
}

static void quotas_are_those_of_the_last_round(void **state)
{
    const struct world *world = *state;
    const uint64_t most[METRICS_QUOTAS] = {4}, few[METRICS_QUOTAS] = {3}, many[METRICS_QUOTAS] = {5};
    const int64_t now = 100 * (int64_t)METRICS_QUOTAS_US;
    uint64_t round, other;
    open_shared(world);
    assert_true(metrics_claim_quotas(now, &round));
    assert_false(metrics_claim_quotas(now + METRICS_QUOTAS_US - 1, &other));
    metrics_note_quotas("a", round, most, few);
    metrics_note_quotas("b", round, most, few);
    assert_string_equal(list_quotas(world->arena), "");
    metrics_publish_quotas(round);
    assert_non_null(strstr(list_quotas(world->arena), "a:3/4"));
    assert_non_null(strstr(list_quotas(world->arena), "b:3/4"));
    assert_true(metrics_claim_quotas(now + METRICS_QUOTAS_US, &round));
    metrics_note_quotas("a", round, most, many);
    metrics_publish_quotas(round); /* b has none any more */
    assert_string_equal(list_quotas(world->arena), "a:5/4 ");
    assert_true(metrics_claim_quotas(1, &round)); /* the machine was started anew */
}

static void a_status_that_has_no_place_is_among_the_others(void **state)
{
    open_shared(*state);
    metrics_count_request("GET /x", 418, 1);
    metrics_count_request("GET /x", 299, 1);
    metrics_count_request("GET /x", 503, 1);
    struct metrics_route route = find_route("GET /x");
    assert_int_equal(answers_of(&route, 0), 2);
    assert_int_equal(answers_of(&route, 503), 1);
    assert_int_equal(answers_of(&route, 200), 0);
}

/* More names than places: those that have one go on counting, and nothing else happens. */
static void a_full_table_takes_no_new_name(void **state)
{
    const struct world *world = *state;
    struct metrics_route route;
    size_t count = 0;
    open_shared(world);
    for (int i = 0; i < 1000; i++)
        metrics_count_request(arena_format(world->arena, "GET /%d", i), 200, 1);
    for (size_t cursor = 0; metrics_next_route(&cursor, &route); count++)
        assert_int_equal(answers_of(&route, 200), 1);
    assert_true(count >= 100 && count < 1000);
    metrics_count_request("GET /0", 200, 1);
    route = find_route("GET /0");
    assert_int_equal(answers_of(&route, 200), 2);
}

static void a_tenant_shows_what_was_noted_last(void **state)
{
    struct metrics_tenant tenant;
    size_t cursor = 0;
    open_shared(*state);
    metrics_note_tenant("my-shop", 7, 3, 12);
    metrics_note_tenant("my-shop", 7, 4, 0);
    assert_true(metrics_next_tenant(&cursor, &tenant));
    assert_string_equal(tenant.key, "my-shop");
    assert_int_equal(tenant.tenant_id, 7);
    assert_int_equal(tenant.generation, 4);
    assert_int_equal(tenant.changed, 0);
    assert_false(metrics_next_tenant(&cursor, &tenant));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(workers_count_together, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_file_a_process_counts_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(each_time_is_in_the_bucket_that_ends_at_it_or_above, setup, teardown),
        cmocka_unit_test_setup_teardown(quotas_are_those_of_the_last_round, setup, teardown),
        cmocka_unit_test_setup_teardown(a_status_that_has_no_place_is_among_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_table_takes_no_new_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tenant_shows_what_was_noted_last, setup, teardown),
    };
    return cmocka_run_group_tests_name("base/metrics", tests, NULL, NULL);
}
