/* Storing events without a database: it fails at once, in one statement as in several, and fills nothing. */
#include "../recommender/fixture.h"

#include "base/clock.h"
#include "storage/events_list.h"
#include "storage/events_store.h"

static void check_fails_at_once(struct arena *arena, const char *metadata, size_t count)
{
    struct database *db = database_create(config_of_nothing());
    struct new_event *events = arena_alloc(arena, count, sizeof(*events));
    struct error error = {0};
    int64_t start = clock_monotonic_us();
    for (size_t i = 0; i < count; i++)
        events[i] = (struct new_event){.user_id = "u", .item_id = "i", .metadata = metadata};
    assert_false(events_store(db, arena, 1, events, count, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    assert_true(clock_monotonic_us() - start < 1000000);
    for (size_t i = 0; i < count; i++)
        assert_true(!events[i].id && !events[i].inserted);
    database_destroy(db);
}

static void one_statement(void **state)
{
    check_fails_at_once(*state, NULL, 1);
    check_fails_at_once(*state, "{}", 200);
}

static void several_statements(void **state)
{
    check_fails_at_once(*state, repeat(*state, 'x', 65536), 200);
    check_fails_at_once(*state, NULL, 20000);
}

static void reading(void **state)
{
    struct database *db = database_create(config_of_nothing());
    bool exist[2];
    struct listed_event event, *events;
    struct event_filters filters = {0};
    const char *items[] = {"i", "j"};
    struct error error = {0};
    size_t count;
    bool found;
    for (size_t i = 1; i <= 2; i++) {
        assert_false(events_find_items(db, *state, 1, items, i, exist, &error));
        assert_int_equal(error.code, ERROR_DATABASE);
        error_clear(&error);
    }
    assert_false(events_find(db, *state, 1, 5, &event, &found, &error));
    error_clear(&error);
    assert_false(events_list(db, *state, 1, &filters, 20, &events, &count, &error));
    assert_int_equal(count, 0);
    error_clear(&error);
    assert_false(events_is_committed(db, 1, &(struct new_event){.id = 5}, &found, &error));
    assert_false(found);
    database_destroy(db);
}

static void clocks_ahead(void **state)
{
    const int64_t now = 1790000000000, day = LIMIT_CLOCK_AHEAD_MS;
    (void)state;
    assert_int_equal(event_moment(now, now), now);
    assert_int_equal(event_moment(0, now), 0);
    assert_int_equal(event_moment(now + day, now), now + day);
    assert_int_equal(event_moment(now + day + 1, now), now);
    assert_int_equal(event_moment(253402300799999, now), now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ARENA_TEST(clocks_ahead), ARENA_TEST(one_statement),
                                       ARENA_TEST(several_statements), ARENA_TEST(reading)};
    return cmocka_run_group_tests_name("storage/events_store", tests, NULL, NULL);
}
