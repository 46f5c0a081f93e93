/* Tests of cli/evaluate_metrics against values worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/evaluate/metrics.h"

static void expect(struct metrics metrics, double recall, double ndcg, double hit)
{
    assert_float_equal(metrics.recall, recall, 1e-9);
    assert_float_equal(metrics.ndcg, ndcg, 1e-9);
    assert_float_equal(metrics.hit, hit, 1e-9);
}

static void test_by_hand(void **state)
{
    (void)state;
    const uint32_t list[] = {9, 4, 7, 1}, wanted[] = {1, 2, 4};
    /* Hits at ranks 2 and 4: (1/log2 3 + 1/log2 5) / (1 + 1/log2 3 + 1/log2 4) = 1.0616063 / 2.1309298 */
    expect(metrics_of_list(list, 4, wanted, 3, 4), 2.0 / 3, 0.49818925746641285, 1);
    /* Of the first two places: 1/log2 3 over 1 + 1/log2 3; recall divides by all that was wanted. */
    expect(metrics_of_list(list, 4, wanted, 3, 2), 1.0 / 3, 0.38685280723454163, 1);
    expect(metrics_of_list(list, 4, wanted, 3, 1), 0, 0, 0);
}

static void test_ends(void **state)
{
    (void)state;
    const uint32_t list[] = {5, 6}, wanted[] = {5, 6}, other[] = {8};
    expect(metrics_of_list(list, 2, wanted, 2, 20), 1, 1, 1);
    expect(metrics_of_list(list, 2, other, 1, 20), 0, 0, 0);
    expect(metrics_of_list(list, 0, wanted, 2, 20), 0, 0, 0);
    /* One of two wanted items on the only place of a list of one is all that can be done: NDCG 1, recall 1/2.
     */
    expect(metrics_of_list(list, 2, wanted, 2, 1), 0.5, 1, 1);
}

static void test_interval_of_a_sure_difference(void **state)
{
    (void)state;
    double ours[200], theirs[200];
    for (int i = 0; i < 200; i++) {
        theirs[i] = i % 10 * 0.1;
        ours[i] = theirs[i] + 0.25; /* the same for everyone, so every resample has this mean */
    }
    struct interval interval = metrics_compare(ours, theirs, 200, 1);
    assert_float_equal(interval.mean, 0.25, 1e-9);
    assert_float_equal(interval.low, 0.25, 1e-9);
    assert_float_equal(interval.high, 0.25, 1e-9);
}

static void test_interval_of_coin_flips(void **state)
{
    (void)state;
    double ours[400], theirs[400] = {0};
    for (int i = 0; i < 400; i++)
        ours[i] = i % 2 ? 1 : -1;
    struct interval first = metrics_compare(ours, theirs, 400, 7),
                    again = metrics_compare(ours, theirs, 400, 7);
    struct interval other = metrics_compare(ours, theirs, 400, 8);
    /* The standard error is 1 / sqrt(400) = 0.05, the interval thus about -0.098 to 0.098. */
    assert_float_equal(first.mean, 0, 1e-12);
    assert_float_equal(first.low, -0.098, 0.015);
    assert_float_equal(first.high, 0.098, 0.015);
    assert_memory_equal(&first, &again, sizeof(first));
    assert_true(first.low != other.low || first.high != other.high);
}

static void test_interval_of_one_user(void **state)
{
    (void)state;
    double ours = 0.5, theirs = 0.75;
    struct interval interval = metrics_compare(&ours, &theirs, 1, 1);
    assert_float_equal(interval.low, -0.25, 1e-12);
    assert_float_equal(interval.high, -0.25, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_interval_of_a_sure_difference),
        cmocka_unit_test(test_interval_of_coin_flips),
        cmocka_unit_test(test_interval_of_one_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
