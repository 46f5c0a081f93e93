/* Tests of cli/evaluate_baselines on data small enough to rank by hand. */
#include "fixture_events.h"

#include "cli/evaluate/baselines.h"

#include <stdio.h>

static bool go_on(void *context, uint64_t done, uint64_t total)
{
    assert_true(done < total);
    return !context;
}

/* Popularity by users: a 4, b 3, c 2, d 2, e 1. Lately (from day 70 on): d 2, c 1, e 1. */
static const struct planted events[] = {
    {"1", "a", 10, 1},  {"1", "b", 10, 2},  {"2", "a", 10, 1},  {"2", "a", 100, 2}, {"2", "b", 10, 3},
    {"3", "a", 10, 1},  {"3", "c", 10, 90}, {"4", "a", 10, 1},  {"4", "b", 10, 1},  {"5", "c", 10, 1},
    {"5", "d", 10, 95}, {"6", "d", 10, 99}, {"6", "d", 10, 99}, {"6", "e", 10, 100}};

static void expect(struct baselines *baselines, const struct event_set *set, enum baseline method,
                   const char *user, size_t k, const char *wanted)
{
    uint32_t items[10];
    char found[40] = "";
    size_t count = baselines_rank(baselines, method, number_of(set->users, user), k, items);
    for (size_t i = 0; i < count; i++)
        snprintf(found + i, sizeof(found) - i, "%s", intern_text(set->items, items[i]));
    assert_string_equal(found, wanted);
}

static void test_lists(void **state)
{
    (void)state;
    struct event_set *set = plant(events, COUNT(events));
    struct baselines *baselines = baselines_learn(set, go_on, NULL);
    assert_non_null(baselines);
    expect(baselines, set, BASELINE_POPULAR, "6", 10, "abc"); /* without d and e, which 6 has */
    expect(baselines, set, BASELINE_POPULAR, "6", 2, "ab");
    expect(baselines, set, BASELINE_POPULAR, "1", 10, "cde"); /* c before d: it arrived first */
    expect(baselines, set, BASELINE_RECENT, "1", 10, "dce");  /* c before e: it is more popular in all */
    /* Cosines: b-a 3/sqrt(12), c-a 1/sqrt(8), c-d 1/2, d-e 1/sqrt(2). */
    expect(baselines, set, BASELINE_KNN, "1", 10, "c");
    expect(baselines, set, BASELINE_KNN, "3", 10, "bd"); /* b .866 through a, d .5 through c */
    expect(baselines, set, BASELINE_KNN, "5", 10, "ea"); /* e .707 through d, a .354 through c */
    expect(baselines, set, BASELINE_KNN, "6", 10, "c");
    expect(baselines, set, BASELINE_KNN, "3", 1, "b");
    baselines_destroy(baselines);
    event_set_destroy(set);
}

static void test_stopping(void **state)
{
    (void)state;
    struct event_set *set = plant(events, COUNT(events));
    assert_null(baselines_learn(set, go_on, set));
    event_set_destroy(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists), cmocka_unit_test(test_stopping)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
