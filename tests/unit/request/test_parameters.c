/* Typed reading of parameters: at each limit and just above it, and which field an error names. */
#include "fixture.h"

#include "request/parameters.h"

static void check_problem(const struct error *error, const char *field, const char *says)
{
    assert_int_equal(error->code, ERROR_VALIDATION);
    assert_int_equal(error->problem_count, 1);
    assert_string_equal(error->problems[0].field, field);
    if (!strstr(error->problems[0].problem, says))
        fail_msg("\"%s\" does not say \"%s\"", error->problems[0].problem, says);
}

static void absent_parameters_leave_the_result_alone(void **state)
{
    struct error error = {0};
    const char *text = "before";
    int64_t number = 5;
    double amount = 2.5;
    bool flag = true, present = true;
    (void)state;
    assert_true(parameter_text(NULL, "f", TEXT_ID, 10, &text, &error));
    assert_true(parameter_integer(NULL, "f", 1, 10, &number, &error));
    assert_true(parameter_boolean(NULL, "f", &flag, &error));
    assert_true(parameter_amount(NULL, "f", &amount, &present, &error));
    assert_string_equal(text, "before");
    assert_int_equal(number, 5);
    assert_true(flag);
    assert_true(amount == 2.5);
    assert_false(present);
    assert_int_equal(error.code, ERROR_NONE);
}

static void check_text(struct arena *arena, const char *json, enum text_rule rule, size_t maximum,
                       const char *says)
{
    struct error error = {0};
    const char *text = NULL;
    struct json_object *value = json_of(arena, json);
    if (parameter_text(value, "name", rule, maximum, &text, &error)) {
        if (says)
            fail_msg("taken: %s", json);
        assert_string_equal(text, json_object_get_string(value));
    } else {
        if (!says)
            fail_msg("refused: %s: %s", json, error.message);
        assert_null(text);
        check_problem(&error, "name", says);
    }
}

static void texts_count_characters(void **state)
{
    struct arena *arena = *state;
    check_text(arena, "\"abc\"", TEXT_ID, 3, NULL);
    check_text(arena, "\"abcd\"", TEXT_ID, 3, "at most 3 characters");
    check_text(arena, "\"äöü\"", TEXT_ID, 3, NULL);
    check_text(arena, "\"äöüx\"", TEXT_ID, 3, "at most 3 characters");
    check_text(arena, "\"😀😀😀\"", TEXT_FREE, 3, NULL);
    check_text(arena, "\"it's %s \\\"quoted\\\" --;\"", TEXT_ID, 100, NULL);
    check_text(arena, arena_format(arena, "\"%s\"", repeat(arena, 'x', 10000)), TEXT_ID, 128, "at most 128");
}

static void ids_are_not_empty_and_have_no_control_characters(void **state)
{
    struct arena *arena = *state;
    check_text(arena, "\"\"", TEXT_ID, 3, "must not be empty");
    check_text(arena, "\"\"", TEXT_FREE, 3, NULL);
    check_text(arena, "\"  \"", TEXT_ID, 3, "must not be blanks alone");
    check_text(arena, "\" \\u00a0\\u3000\\u200b\"", TEXT_ID, 9, "must not be blanks alone");
    check_text(arena, "\" \\u00a0 x\"", TEXT_ID, 9, NULL);
    check_text(arena, "\"  \"", TEXT_LINE, 3, NULL);
    check_text(arena, "\"\"", TEXT_LINE, 3, "must not be empty");
    check_text(arena, "\"a\\nb\"", TEXT_ID, 9, "control characters");
    check_text(arena, "\"a\\u007f\"", TEXT_ID, 9, "control characters");
    check_text(arena, "\"\\t\"", TEXT_ID, 9, "control characters");
    check_text(arena, "\"a\\nb\\t\"", TEXT_FREE, 9, NULL);
}

static void a_zero_character_is_refused_by_both_rules(void **state)
{
    struct json_object *value = json_keep(*state, json_object_new_string_len("a\0b", 3));
    for (int rule = TEXT_ID; rule <= TEXT_FREE; rule++) {
        struct error error = {0};
        const char *text = NULL;
        assert_false(parameter_text(value, "name", (enum text_rule)rule, 10, &text, &error));
        check_problem(&error, "name", "characters");
    }
}

static void text_must_be_text(void **state)
{
    static const char *const bad[] = {"7", "1.5", "true", "[]", "[\"a\"]", "{}"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        check_text(*state, bad[i], TEXT_ID, 100, "must be text");
        check_text(*state, bad[i], TEXT_FREE, 100, "must be text");
    }
}

static void whole_numbers_of_every_spelling(void **state)
{
    static const struct {
        const char *json;
        int64_t number;
    } good[] = {{"1", 1},    {"10", 10},      {"\"10\"", 10},  {"10.0", 10},
                {"1e1", 10}, {"\"1e1\"", 10}, {"\"010\"", 10}, {"\"10.0\"", 10}};
    static const char *const bad[] = {"0",
                                      "-1",
                                      "11",
                                      "1e9",
                                      "1.5",
                                      "\"ten\"",
                                      "\"\"",
                                      "\" 5\"",
                                      "\"5 \"",
                                      "true",
                                      "[5]",
                                      "{}",
                                      "\"0x5\"",
                                      "\"5;\"",
                                      "\"1e999\"",
                                      "9223372036854775806",
                                      "-9223372036854775807",
                                      "1e300",
                                      "\"inf\"",
                                      "\"nan\"",
                                      "0.999999",
                                      "10.000001"};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct error error = {0};
        int64_t number = 0;
        if (!parameter_integer(json_of(*state, good[i].json), "q", 1, 10, &number, &error))
            fail_msg("refused: %s", good[i].json);
        assert_int_equal(number, good[i].number);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error error = {0};
        int64_t number = 77;
        if (parameter_integer(json_of(*state, bad[i]), "q", 1, 10, &number, &error))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(number, 77);
        check_problem(&error, "q", "must be a whole number from 1 to 10");
    }
}

static void amounts_are_at_least_0(void **state)
{
    static const struct {
        const char *json;
        double number;
    } good[] = {{"0", 0}, {"0.01", 0.01}, {"\"12.50\"", 12.5}, {"1e6", 1e6}, {"-0", 0}};
    static const char *const bad[] = {"-1", "-0.01", "\"-1\"",    "\"\"",    "\"a\"",  "true",
                                      "[]", "{}",    "\"1e999\"", "\"nan\"", "\"1,5\""};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct error error = {0};
        double number = 99;
        bool present = false;
        assert_true(parameter_amount(json_of(*state, good[i].json), "price", &number, &present, &error));
        assert_true(present);
        assert_true(number == good[i].number);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error error = {0};
        double number = 0;
        bool present = true;
        if (parameter_amount(json_of(*state, bad[i]), "price", &number, &present, &error))
            fail_msg("taken: %s", bad[i]);
        assert_false(present);
        check_problem(&error, "price", "at least 0");
    }
}

static void booleans_may_be_words(void **state)
{
    static const char *const good[] = {"true", "\"true\"", "false", "\"false\""};
    static const char *const bad[] = {"1",       "0",  "\"1\"",  "\"True\"", "\"\"",
                                      "\"yes\"", "[]", "[true]", "{}",       "1.0"};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct error error = {0};
        bool flag = i >= 2;
        assert_true(parameter_boolean(json_of(*state, good[i]), "strict", &flag, &error));
        assert_int_equal(flag, i < 2);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error error = {0};
        bool flag = false;
        if (parameter_boolean(json_of(*state, bad[i]), "strict", &flag, &error))
            fail_msg("taken: %s", bad[i]);
        check_problem(&error, "strict", "must be true or false");
    }
}

static void quantity_goes_before_its_alias(void **state)
{
    static const struct {
        const char *json;
        int64_t quantity; /* 0: refused */
        const char *field;
    } cases[] = {{"{}", 99, NULL},
                 {"{\"quantity\":1}", 1, NULL},
                 {"{\"quantity\":100}", 100, NULL},
                 {"{\"limit\":\"7\"}", 7, NULL},
                 {"{\"limit\":7,\"quantity\":8}", 8, NULL},
                 {"{\"limit\":\"x\",\"quantity\":8}", 8, NULL},
                 {"{\"quantity\":null,\"limit\":7}", 7, NULL},
                 {"{\"quantity\":0}", 0, "quantity"},
                 {"{\"quantity\":101}", 0, "quantity"},
                 {"{\"limit\":101}", 0, "limit"},
                 {"{\"quantity\":\"ten\",\"limit\":7}", 0, "quantity"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error error = {0};
        int64_t quantity = 99;
        bool good = parameter_quantity(json_of(*state, cases[i].json), &quantity, &error);
        assert_int_equal(good, cases[i].field == NULL);
        if (good)
            assert_int_equal(quantity, cases[i].quantity);
        else
            check_problem(&error, cases[i].field, "from 1 to 100");
    }
}

static void a_wish_is_said_in_many_words(void **state)
{
    static const char *const yes[] = {"true", "1", "\"true\"", "\"FULL\"", "\"basic\"", "\"1\""};
    static const char *const no[] = {"false", "0", "\"false\"", "\"None\"", "\"0\""};
    static const char *const bad[] = {"2", "1.5", "\"banana\"", "\"\"", "\"true \"", "[]", "[true]", "{}"};
    struct error error = {0};
    for (size_t i = 0; i < COUNT(yes); i++) {
        bool wish = false;
        assert_true(parameter_wish(json_of(*state, yes[i]), "wish", &wish, &error) && wish);
    }
    for (size_t i = 0; i < COUNT(no); i++) {
        bool wish = true;
        assert_true(parameter_wish(json_of(*state, no[i]), "wish", &wish, &error) && !wish);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error wrong = {0};
        bool wish = true;
        assert_false(parameter_wish(json_of(*state, bad[i]), "wish", &wish, &wrong));
        check_problem(&wrong, "wish", "full, basic");
    }
    bool wish = true;
    assert_true(parameter_wish(NULL, "wish", &wish, &error) && wish);
}

static void what_is_empty_is_dropped(void **state)
{
    static const char *const kept[] = {"name", NULL};
    struct json_object *merged =
        json_of(*state, "{\"a\":\"\",\"b\":\" \\t\",\"name\":\"\",\"c\":[\"\",\"x\",\" \"],"
                        "\"d\":[\"\"],\"e\":[],\"f\":{},\"g\":0,\"i\":\"y\"}");
    parameters_drop_empty(merged, kept);
    assert_string_equal(json_text(merged),
                        "{\"name\":\"\",\"c\":[\"x\"],\"e\":[],\"f\":{},\"g\":0,\"i\":\"y\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_parameters_leave_the_result_alone),
        ARENA_TEST(texts_count_characters),
        ARENA_TEST(ids_are_not_empty_and_have_no_control_characters),
        ARENA_TEST(a_zero_character_is_refused_by_both_rules),
        ARENA_TEST(text_must_be_text),
        ARENA_TEST(whole_numbers_of_every_spelling),
        ARENA_TEST(amounts_are_at_least_0),
        ARENA_TEST(booleans_may_be_words),
        ARENA_TEST(quantity_goes_before_its_alias),
        ARENA_TEST(a_wish_is_said_in_many_words),
        ARENA_TEST(what_is_empty_is_dropped),
    };
    return cmocka_run_group_tests_name("request/parameters", tests, NULL, NULL);
}
