/* Tests of cli/compare_report: what is said of which figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/evaluate/compare_report.h"

#include <string.h>

static const struct comparison plain = {
    .tenant = "t", .days = 7, .hours = 24, .k = 10, .decisions = 100, .overlap = 0.5, .rbo = 0.4};

static struct comparison with(uint64_t embedded, uint64_t remote, uint64_t tied)
{
    struct comparison comparison = plain;
    comparison.users[0] = embedded;
    comparison.users[1] = remote;
    comparison.tied_users = tied;
    return comparison;
}

static void expect(struct comparison comparison, enum compare_verdict verdict, const char *part)
{
    char text[500];
    assert_int_equal(comparison_verdict(&comparison), verdict);
    comparison_sentence(&comparison, text, sizeof(text));
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void test_verdicts(void **state)
{
    (void)state;
    expect(with(0, 0, 0), COMPARE_NO_CLICKS, "within 24 hours no item");
    expect(with(0, 0, 3), COMPARE_UNDECIDED, "3 for neither");
    expect(with(3, 5, 1), COMPARE_UNDECIDED, "3 users speak for the embedded recommender, 5 for the remote");
    expect(with(0, 6, 0), COMPARE_REMOTE, "by 6 users against 0 (sign test p = 0.031)");
    expect(with(6, 0, 0), COMPARE_EMBEDDED, "only they were shown");
    expect(with(0, 5, 0), COMPARE_UNDECIDED, "p = 0.062"); /* 2 / 32 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verdicts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
