/* Tests of cli/evaluate_split: what is hidden, and from whom. */
#include "fixture_events.h"

#include "cli/evaluate/split.h"

#include <stdio.h>

static void test_parse(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "last",   "last-",    "last-d",    "last-0d",  "last-30", "last-2",   "last-1d ",
        "last-3651d", "random", "random-0", "random-51", "random-x", "Last-1",  "last--5d", "random-10%"};
    static const char *const right[] = {"last-1",     "last-30d", "last-1d",
                                        "last-3650d", "random-1", "random-50"};
    struct split split;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        if (split_parse(wrong[i], &split))
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    for (size_t i = 0; i < COUNT(right); i++) {
        assert_true(split_parse(right[i], &split));
        assert_string_equal(split_name(split).text, right[i]);
    }
}

static void expect_choice(int64_t days, const char *name)
{
    const struct planted events[] = {{"a", "x", 10, 100}, {"a", "y", 10, 100 + days}};
    struct event_set *set = plant(events, COUNT(events));
    struct split automatic = {.kind = SPLIT_AUTOMATIC};
    assert_string_equal(split_name(split_choose(automatic, set)).text, name);
    struct split given = {.kind = SPLIT_RANDOM, .amount = 20};
    assert_string_equal(split_name(split_choose(given, set)).text, "random-20");
    event_set_destroy(set);
}

static void test_choice(void **state)
{
    (void)state;
    expect_choice(61, "last-30d");
    expect_choice(60, "last-1");
    expect_choice(1, "last-1");
    expect_choice(0, "random-10");
}

static void expect_wanted(const struct split_tests *tests, const struct event_set *set, const char *user,
                          const char *wanted)
{
    char found[64] = "";
    for (size_t i = 0; i < tests->user_count; i++) {
        if (tests->users[i] != number_of(set->users, user))
            continue;
        for (size_t j = tests->starts[i]; j < tests->starts[i + 1]; j++) {
            size_t length = strlen(found);
            snprintf(found + length, sizeof(found) - length, "%s ", intern_text(set->items, tests->items[j]));
        }
    }
    assert_string_equal(found, wanted);
}

static void test_days(void **state)
{
    (void)state;
    const struct planted events[] = {{"a", "w", 10, 10}, {"a", "x", 100, 69}, {"a", "y", 10, 70},
                                     {"a", "y", 10, 90}, {"a", "x", 10, 95},  {"a", "z", 10, 100},
                                     {"b", "x", 10, 80},                     /* nothing to learn from */
                                     {"c", "x", 10, 20},                     /* nothing to find */
                                     {"d", "x", 10, 20}, {"d", "x", 10, 90}, /* nothing new to find */
                                     {"e", "x", 10, 20}, {"e", "y", 1, 90},  /* only shown */
                                     {"f", "y", 10, 20}, {"f", "z", 30, 70}};
    struct event_set *set = plant(events, COUNT(events));
    struct split_tests *tests = split_apply((struct split){SPLIT_DAYS, 30}, 1, set);
    assert_int_equal(tests->user_count, 2);
    expect_wanted(tests, set, "a", "y z ");
    expect_wanted(tests, set, "f", "z ");
    assert_int_equal(set->count, 6); /* a: w, x; c, d, e, f one each */
    assert_int_equal(set->newest, 69 * day_ms);
    split_tests_destroy(tests);
    event_set_destroy(set);
}

static void test_last(void **state)
{
    (void)state;
    const struct planted events[] = {
        {"a", "y", 10, 3}, {"a", "x", 10, 1}, {"a", "z", 10, 3}, /* later in the file */
        {"b", "x", 10, 1},                                       /* has only one */
        {"c", "x", 10, 1}, {"c", "y", 10, 2}, {"c", "x", 10, 3}};
    struct event_set *set = plant(events, COUNT(events));
    struct split_tests *tests = split_apply((struct split){SPLIT_LAST, 1}, 1, set);
    assert_int_equal(tests->user_count, 1);
    expect_wanted(tests, set, "a", "z ");
    assert_int_equal(set->count, 4);
    split_tests_destroy(tests);
    event_set_destroy(set);
}

/* 200 users with 20 items each, taken in one order or the other. */
static struct split_tests *split_many(struct event_set **set, bool backwards, uint64_t seed)
{
    *set = event_set_create();
    for (int i = 0; i < 4000; i++) {
        char user[16], item[16];
        int number = backwards ? 3999 - i : i;
        snprintf(user, sizeof(user), "u%d", number / 20);
        snprintf(item, sizeof(item), "i%d", number % 20);
        event_set_add(*set, &(struct file_event){.user_id = user, .item_id = item, .weight = 10});
    }
    event_set_finish(*set);
    return split_apply((struct split){SPLIT_RANDOM, 10}, seed, *set);
}

static void test_random(void **state)
{
    (void)state;
    struct event_set *set, *other_set;
    struct split_tests *tests = split_many(&set, false, 1), *other = split_many(&other_set, true, 1);
    size_t wanted = tests->starts[tests->user_count];
    assert_in_range(wanted, 330, 470); /* 400 expected, standard deviation 19 */
    assert_int_equal(set->count + wanted, 4000);
    assert_int_equal(other->starts[other->user_count], wanted);
    for (size_t i = 0; i < tests->user_count; i++) {
        char expected[200] = "";
        const char *user = intern_text(set->users, tests->users[i]);
        for (size_t item = 0; item < 20; item++) { /* numbers of items run backwards in the other set */
            uint32_t number = (uint32_t)(19 - item);
            for (size_t j = tests->starts[i]; j < tests->starts[i + 1]; j++) {
                size_t length = strlen(expected);
                if (tests->items[j] == number)
                    snprintf(expected + length, sizeof(expected) - length, "%s ",
                             intern_text(set->items, number));
            }
        }
        expect_wanted(other, other_set, user, expected);
    }
    split_tests_destroy(other);
    event_set_destroy(other_set);
    other = split_many(&other_set, false, 2);
    assert_true(other->starts[other->user_count] != wanted ||
                memcmp(other->items, tests->items, wanted * sizeof(*tests->items)));
    split_tests_destroy(other);
    event_set_destroy(other_set);
    split_tests_destroy(tests);
    event_set_destroy(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse), cmocka_unit_test(test_choice), cmocka_unit_test(test_days),
        cmocka_unit_test(test_last),  cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
