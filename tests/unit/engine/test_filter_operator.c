#include "fixture.h"

static void names_round_trip(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FILTER_OPERATOR__MAX; i++) {
        enum filter_operator op = FILTER_OPERATOR__MAX;
        assert_true(filter_operator_parse(filter_operator_name((enum filter_operator)i), &op));
        assert_int_equal(op, i == FILTER_IN_FOLD ? FILTER_IN : i);
    }
    assert_string_equal(filter_operator_name(FILTER_OPERATOR__MAX), "?");
}

static void case_and_white_space_fold(void **state)
{
    (void)state;
    enum filter_operator op;
    assert_true(filter_operator_parse("not like", &op));
    assert_int_equal(op, FILTER_NOT_LIKE);
    assert_true(filter_operator_parse(" \tNot \n  iLike  ", &op));
    assert_int_equal(op, FILTER_NOT_ILIKE);
    assert_true(filter_operator_parse("  >= ", &op));
    assert_int_equal(op, FILTER_GREATER_EQUAL);
    assert_true(filter_operator_parse("not                                              exists", &op));
    assert_int_equal(op, FILTER_NOT_EXISTS);
}

static void others_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    " ",       "==",         "<>",          "NOTLIKE",
                                      "NOT", "LIKES",   "NOT LIKE x", "NOT EXISTSS", "NOT NOT IN",
                                      "> =", "BETWEEN", "NOT EXISTS;"};
    enum filter_operator op = FILTER_LESS;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(filter_operator_parse(bad[i], &op));
    assert_int_equal(op, FILTER_LESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_round_trip),
        cmocka_unit_test(case_and_white_space_fold),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
