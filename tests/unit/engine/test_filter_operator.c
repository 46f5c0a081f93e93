/* Operators: their names, and labels, which are the same in many spellings. */
#include "../base/fixture.h"

#include "engine/filter_operator.h"

static void names_round_trip(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FILTER_OPERATOR__MAX; i++) {
        enum filter_operator op = FILTER_OPERATOR__MAX;
        assert_true(filter_operator_parse(filter_operator_name((enum filter_operator)i), &op));
        assert_int_equal(op, i == FILTER_IN_FOLD ? FILTER_IN : i == FILTER_NOT_IN_FOLD ? FILTER_NOT_IN : i);
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

/* What of the values stands in the relation to any of the wanted ones, as a letter each. */
static const char *holding(struct arena *arena, enum filter_operator op, const char *one, const char *other)
{
    static const char *const values[] = {"K\u00fcche", " KU\u0308CHE\u00a0", "Kuche", "ΚΟΥΖΊΝΑ", "kitchen",
                                         "7"};
    struct filter_value wanted[] = {{.text = one, .number = NAN}, {.text = other, .number = NAN}};
    struct filter_relation relation = {0};
    char *text = arena_alloc(arena, COUNT(values) + 1, 1);
    filter_relation_compile(arena, op, wanted, COUNT(wanted), true, &relation);
    assert_int_equal(relation.negated, op == FILTER_NOT_IN_FOLD);
    for (size_t i = 0, n = 0; i < COUNT(values); i++)
        if (filter_relation_holds(&relation, values[i], (double)NAN))
            text[n++] = (char)('a' + i);
    return text;
}

static void labels_are_folded_on_both_sides(void **state)
{
    assert_string_equal(holding(*state, FILTER_IN_FOLD, "zzz", "k\u00dcche"), "abc");
    assert_string_equal(holding(*state, FILTER_NOT_IN_FOLD, "κουζινα", "a"), "d");
    assert_string_equal(holding(*state, FILTER_IN_FOLD, "κουζινα ", "\u200bKITCHEN"), "de");
    assert_string_equal(holding(*state, FILTER_IN_FOLD, "7", "7"), "f");
    assert_string_equal(holding(*state, FILTER_IN, "k\u00dcche", "kitchen"), "e");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_round_trip),
        cmocka_unit_test(case_and_white_space_fold),
        cmocka_unit_test(others_are_refused),
        ARENA_TEST(labels_are_folded_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
