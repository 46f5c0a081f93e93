/* The cursor of auto mode: there and back, the hosted service's own example, and forged ones. */
#include "../../base/fixture.h"

#include "api/recommend/auto_cursor.h"

static void there_and_back(void **state)
{
    struct auto_cursor cursor = {.window_days = 30}, read;
    static const char *const ids[] = {"recent_activity", "item:a\"b", "item:\xf0\x9f\x8e\x81", "trending"};
    for (size_t count = 0; count <= COUNT(ids); count++) {
        const char *text = auto_cursor_write(*state, &cursor);
        assert_true(auto_cursor_read(*state, text, &read));
        assert_int_equal(read.window_days, 30);
        assert_int_equal(read.served_count, count);
        for (size_t i = 0; i < count; i++)
            assert_string_equal(read.served[i], ids[i]);
        if (count < COUNT(ids))
            cursor.served[cursor.served_count++] = ids[count];
    }
    assert_true(auto_cursor_has(&cursor, "trending"));
    assert_false(auto_cursor_has(&cursor, "new"));
}

static void the_documented_form_is_read(void **state)
{
    struct auto_cursor cursor;
    assert_true(auto_cursor_read(
        *state, "eyJ2IjoxLCJ3aW5kb3dfZGF5cyI6MTQsInNlcnZlZCI6WyJyZWNlbnRfYWN0aXZpdHkiXX0", &cursor));
    assert_int_equal(cursor.window_days, 14);
    assert_int_equal(cursor.served_count, 1);
    assert_string_equal(cursor.served[0], "recent_activity");
    struct auto_cursor same = {.window_days = 14, .served = {"recent_activity"}, .served_count = 1};
    assert_string_equal(auto_cursor_write(*state, &same),
                        "eyJ2IjoxLCJ3aW5kb3dfZGF5cyI6MTQsInNlcnZlZCI6WyJyZWNlbnRfYWN0aXZpdHkiXX0");
}

static void what_was_not_given_out_is_refused(void **state)
{
    static const char *const bad[] = {
        "",           "!",
        "e30",        "W10",
        "bnVsbA",     "Nw",
        "eyJ2IjoxfQ", "eyJ2IjoxLCJ3aW5kb3dfZGF5cyI6MTQsInNlcnZlZCI6WyJyZWNlbnRfYWN0aXZpdHkiXX0="};
    struct auto_cursor cursor;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (auto_cursor_read(*state, bad[i], &cursor))
            fail_msg("taken: %s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(there_and_back),
        ARENA_TEST(the_documented_form_is_read),
        ARENA_TEST(what_was_not_given_out_is_refused),
    };
    return cmocka_run_group_tests_name("api/auto_cursor", tests, NULL, NULL);
}
