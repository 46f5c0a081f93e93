/* Lists of hosts: what is read, who is tried first, and how long who failed is left alone. */
#include "fixture.h"

#include "base/host_list.h"

static void lists_are_read(void **state)
{
    static const struct {
        const char *text;
        bool good;
        size_t count;
        const char *last;
    } rows[] = {
        {"", true, 0, ""},
        {"  ", true, 0, ""},
        {"db", true, 1, "db"},
        {"a,b", true, 2, "b"},
        {" a , b\t,c ", true, 3, "c"},
        {"a,,b", false, 0, ""},
        {",", false, 0, ""},
        {"a,", false, 0, ""},
        {"1,2,3,4,5,6,7,8", true, 8, "8"},
        {"1,2,3,4,5,6,7,8,9", false, 0, ""},
    };
    struct host_list list;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (host_list_read(rows[i].text, &list) != rows[i].good)
            fail_msg("\"%s\"", rows[i].text);
        if (!rows[i].good)
            continue;
        assert_int_equal(list.count, rows[i].count);
        if (list.count)
            assert_string_equal(list.hosts[list.count - 1].name, rows[i].last);
    }
}

static void names_have_a_longest(void **state)
{
    char *text = repeat(*state, 'x', HOST_NAME_BYTES);
    struct host_list list;
    assert_false(host_list_read(text, &list));
    text[HOST_NAME_BYTES - 1] = '\0';
    assert_true(host_list_read(text, &list));
}

static void assert_order(const struct host_list *list, int64_t now, const char *wanted, size_t ready)
{
    size_t order[HOST_LIST_MAX];
    char got[HOST_LIST_MAX + 1] = "";
    assert_int_equal(host_list_order(list, now, order), ready);
    for (size_t i = 0; i < list->count; i++)
        got[i] = *list->hosts[order[i]].name;
    assert_string_equal(got, wanted);
}

static void the_current_is_first_and_the_paused_are_last(void **state)
{
    struct host_list list;
    const int64_t now = 5000;
    (void)state;
    assert_true(host_list_read("a,b,c", &list));
    assert_order(&list, now, "abc", 3);
    host_list_reached(&list, 2);
    assert_order(&list, now, "cab", 3);
    host_list_failed(&list, 2, now, 0);
    assert_order(&list, now, "abc", 2);
    host_list_failed(&list, 0, now, 255);
    host_list_failed(&list, 1, now, 255);
    assert_order(&list, now, "cab", 0);
    assert_order(&list, now + HOST_PAUSE_US * 3 / 4, "cab", 1);
    host_list_reached(&list, 1);
    assert_order(&list, now, "bac", 1);
}

static void pauses_grow_up_to_a_limit(void **state)
{
    struct host_list list;
    int64_t least[] = {1, 2, 4, 8, 16, 30, 30};
    (void)state;
    assert_true(host_list_read("a,b", &list));
    for (size_t i = 0; i < COUNT(least); i++) {
        host_list_failed(&list, 0, 0, 0);
        assert_int_equal(list.hosts[0].away_until_us, least[i] * 750 * 1000);
    }
    host_list_failed(&list, 0, 0, 255);
    assert_int_equal(list.hosts[0].away_until_us, HOST_PAUSE_MAX_US / 4 * 5);
    host_list_reached(&list, 0);
    host_list_failed(&list, 0, 0, 0);
    assert_int_equal(list.hosts[0].away_until_us, HOST_PAUSE_US / 4 * 3);
}

static void a_host_alone_is_never_paused(void **state)
{
    struct host_list list;
    (void)state;
    assert_true(host_list_read("a", &list));
    host_list_failed(&list, 0, 0, 0);
    assert_order(&list, 1, "a", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        ARENA_TEST(names_have_a_longest),
        cmocka_unit_test(the_current_is_first_and_the_paused_are_last),
        cmocka_unit_test(pauses_grow_up_to_a_limit),
        cmocka_unit_test(a_host_alone_is_never_paused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
