/* Tests of cli/evaluate_report: what the figures are said to mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/evaluate/report.h"

#include <string.h>

static struct evaluation made(double ours, double popular, double recent, double knn, double error)
{
    struct evaluation evaluation = {.k = 20, .tested_users = 1275};
    const double values[METHOD__MAX] = {ours, popular, recent, knn};
    for (enum method method = 0; method < METHOD__MAX; method++) {
        evaluation.methods[method].mean.ndcg = values[method];
        evaluation.methods[method].ndcg = (struct interval){
            ours - values[method], ours - values[method] - error, ours - values[method] + error};
    }
    return evaluation;
}

static void expect(struct evaluation evaluation, enum verdict verdict, const char *first, const char *second)
{
    char text[800] = "";
    assert_int_equal(evaluation_verdict(&evaluation), verdict);
    evaluation_sentence(&evaluation, text, sizeof(text));
    if (!strstr(text, first) || (second && !strstr(text, second)))
        fail_msg("\"%s\"", text);
    assert_int_equal(second != NULL, strstr(text, "best plain method") != NULL);
}

static void test_sentences(void **state)
{
    (void)state;
    expect(made(.134, .04, .084, .09, .01), VERDICT_WORTH,
           "worth it here: NDCG@20 is 0.1340, 60 % above the best list for everybody (recent popularity, "
           "0.0840)",
           "(item-kNN, 0.0900) it is better: +0.0440 (+0.0340 to +0.0540)");
    expect(made(.134, .09, .084, .08, .01), VERDICT_WORTH, "(popularity, 0.0900)", NULL);
    expect(made(.134, .09, .084, .14, .01), VERDICT_WORTH, "worth it",
           "neither surely better nor worse: -0.0060");
    expect(made(.134, .09, .084, .16, .01), VERDICT_WORTH, "worth it", "it is worse: -0.0260");
    expect(made(.134, 0, 0, 0, .01), VERDICT_WORTH, "lists for everybody find nothing", NULL);
    expect(made(.1, .05, .095, .09, .01), VERDICT_UNDECIDED,
           "1,275 users do not show whether personalisation is worth it here: NDCG@20 is 0.1000, that of the "
           "best list for everybody (recent "
           "popularity) 0.0950, and the difference lies between -0.0050 and 0.0150.",
           NULL);
    expect(made(.05, .1, .09, .01, .01), VERDICT_NOT_WORTH,
           "by popularity (0.1000); use the strategy \"popular\"", NULL);
    expect(made(.05, .09, .1, .01, .01), VERDICT_NOT_WORTH, "use the strategy \"trending\"", NULL);
}

static void test_best(void **state)
{
    (void)state;
    struct evaluation evaluation = made(.2, .1, .1, .1, 0);
    assert_int_equal(evaluation_best_plain(&evaluation), METHOD_POPULAR); /* the simpler of equals */
    assert_int_equal(evaluation_best_other(&evaluation), METHOD_POPULAR);
    evaluation = made(.2, .1, .11, .12, 0);
    assert_int_equal(evaluation_best_plain(&evaluation), METHOD_RECENT);
    assert_int_equal(evaluation_best_other(&evaluation), METHOD_KNN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sentences), cmocka_unit_test(test_best)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
