/* Budgets of work: what spends them, what does not, and what becomes of a request whose budget is spent. */
#include "fixture.h"

#include "base/clock.h"
#include "base/work_budget.h"

#include <time.h>

enum { BUDGET_MS = 10 };

static int clear(void **state)
{
    (void)state;
    work_budget_clear();
    return 0;
}

static void sleep_ms(long milliseconds)
{
    const struct timespec time = {.tv_nsec = milliseconds * 1000000};
    nanosleep(&time, NULL);
}

/* Takes so many steps that there is a look at the clocks. */
static bool look(void)
{
    return work_budget_take(WORK_STEPS_BETWEEN_LOOKS);
}

static void expect_spent(enum error_code code, int status)
{
    struct error error = {0};
    assert_false(look());
    assert_false(work_budget_take(1)); /* for good */
    assert_false(work_budget_stop(&error));
    assert_int_equal(error.code, code);
    assert_int_equal(error_status(error.code), status);
    assert_non_null(strstr(error.detail, "cpu_ms="));
}

static void without_a_budget_there_is_no_limit(void **state)
{
    (void)state;
    struct error error = {0};
    work_budget_start();
    for (int64_t begin = clock_monotonic_us(); clock_monotonic_us() - begin < 3000 * BUDGET_MS;)
        assert_true(look());
    assert_true(work_budget_stop(&error));
    assert_int_equal(error.code, ERROR_NONE);
}

static void work_spends_it(void **state)
{
    (void)state;
    int64_t used = 0;
    /* Where others take the processor for long it may be spent otherwise: then once more. */
    for (int i = 0; i < 100 && used < 1000 * BUDGET_MS; i++) {
        work_budget_set(BUDGET_MS, NULL, NULL);
        work_budget_start();
        int64_t begin = clock_thread_us();
        while (look())
            continue;
        used = clock_thread_us() - begin;
    }
    assert_true(used < 3000 * BUDGET_MS);
    expect_spent(ERROR_TOO_EXPENSIVE, 400);
}

static void what_others_take_is_not_the_requests_fault(void **state)
{
    (void)state;
    work_budget_set(BUDGET_MS, NULL, NULL);
    int64_t begin = clock_monotonic_us();
    work_budget_start();
    assert_true(look());
    sleep_ms(2 * BUDGET_MS);
    /* Late, but not too late; unless this process has slept far longer than it wanted to. */
    assert_true(look() || clock_monotonic_us() - begin > 5000 * BUDGET_MS);
    sleep_ms(4 * BUDGET_MS);
    expect_spent(ERROR_OVERLOADED, 503);
}

static void only_time_between_start_and_stop_counts(void **state)
{
    (void)state;
    struct error error = {0};
    work_budget_set(BUDGET_MS, NULL, NULL);
    sleep_ms(6 * BUDGET_MS);
    for (int i = 0; i < 3; i++) {
        work_budget_start();
        assert_true(look());
        assert_true(work_budget_stop(&error));
        sleep_ms(6 * BUDGET_MS);
        assert_true(look());
    }
}

static void all_its_stretches_count_together(void **state)
{
    (void)state;
    struct error error = {0};
    int64_t counted = 0;
    bool lasts = true;
    work_budget_set(BUDGET_MS, NULL, NULL);
    while (lasts) {
        int64_t begin = clock_monotonic_us();
        work_budget_start();
        look();
        sleep_ms(2 * BUDGET_MS);
        look();
        counted += clock_monotonic_us() - begin;
        lasts = work_budget_stop(&error);
        assert_true(!lasts || counted < 6000 * BUDGET_MS);
    }
    assert_true(counted >= 5000 * BUDGET_MS);
    assert_int_equal(error.code, ERROR_OVERLOADED);
}

static void few_steps_are_always_done(void **state)
{
    (void)state;
    struct error error = {0};
    work_budget_set(BUDGET_MS, NULL, NULL);
    work_budget_start();
    sleep_ms(6 * BUDGET_MS);
    assert_true(work_budget_take(WORK_STEPS_BETWEEN_LOOKS - 1));
    assert_int_equal(work_budget_taken(), WORK_STEPS_BETWEEN_LOOKS - 1);
    assert_true(work_budget_stop(&error));
}

struct others {
    enum error_code refusal;
    int seen;
};

static enum error_code ask_others(void *context)
{
    struct others *others = context;
    others->seen++;
    return others->refusal;
}

static void nobody_works_for_a_client_that_has_gone(void **state)
{
    (void)state;
    struct others others = {0};
    work_budget_set(60000, ask_others, &others);
    work_budget_start();
    for (int i = 0; i < 1000; i++)
        assert_true(look());
    int seen = others.seen; /* a system call: not at each look */
    assert_true(seen < 100);
    sleep_ms(25);
    assert_true(look());
    assert_int_equal(others.seen, seen + 1);
    others.refusal = ERROR_CLIENT_GONE;
    sleep_ms(25);
    expect_spent(ERROR_CLIENT_GONE, 503);
}

static void a_tenant_that_has_its_share_is_told_so(void **state)
{
    (void)state;
    struct others others = {.refusal = ERROR_TENANT_BUSY};
    work_budget_set(60000, ask_others, &others);
    work_budget_start();
    assert_true(look()); /* not before it has worked for a while */
    sleep_ms(25);
    expect_spent(ERROR_TENANT_BUSY, 503);
}

static void an_earlier_error_stays(void **state)
{
    (void)state;
    struct others others = {.refusal = ERROR_CLIENT_GONE};
    struct error error = {0};
    work_budget_set(60000, ask_others, &others);
    work_budget_start();
    sleep_ms(25);
    assert_false(look());
    error_set(&error, ERROR_DATABASE, "down");
    assert_false(work_budget_stop(&error));
    assert_int_equal(error.code, ERROR_DATABASE);
    work_budget_set(60000, NULL, NULL); /* and the next request begins anew */
    work_budget_start();
    assert_true(look());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(without_a_budget_there_is_no_limit, clear),
        cmocka_unit_test_teardown(work_spends_it, clear),
        cmocka_unit_test_teardown(what_others_take_is_not_the_requests_fault, clear),
        cmocka_unit_test_teardown(only_time_between_start_and_stop_counts, clear),
        cmocka_unit_test_teardown(all_its_stretches_count_together, clear),
        cmocka_unit_test_teardown(few_steps_are_always_done, clear),
        cmocka_unit_test_teardown(nobody_works_for_a_client_that_has_gone, clear),
        cmocka_unit_test_teardown(a_tenant_that_has_its_share_is_told_so, clear),
        cmocka_unit_test_teardown(an_earlier_error_stays, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
