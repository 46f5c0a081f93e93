/* A context's settings: each key at its limits, each wrong value by name, and nothing unknown. */
#include "../base/fixture.h"

#include "recommender/context_settings.h"

static struct context_settings parse_good(struct arena *arena, const char *json)
{
    struct context_settings settings;
    struct error error = {0};
    if (!context_settings_parse(arena, json_of(arena, json), &settings, &error))
        fail_msg("refused: %.200s: %s", json, error.message);
    assert_int_equal(error.code, ERROR_NONE);
    return settings;
}

static void check_bad(struct arena *arena, const char *json, const char *field, const char *says)
{
    struct context_settings settings;
    struct error error = {0};
    if (context_settings_parse(arena, json_of(arena, json), &settings, &error))
        fail_msg("taken: %.200s", json);
    assert_int_equal(error.code, ERROR_VALIDATION);
    assert_int_equal(error.problem_count, 1);
    if (strcmp(error.problems[0].field, field) || !strstr(error.problems[0].problem, says))
        fail_msg("%.200s: %s", json, error.message);
}

static void nothing_is_set_by_nothing(void **state)
{
    struct error error = {0};
    struct context_settings settings;
    memset(&settings, 0xFF, sizeof(settings));
    assert_true(context_settings_parse(*state, NULL, &settings, &error));
    assert_int_equal(settings.quantity, 0);
    assert_int_equal(settings.filter_count, 0);
    assert_int_equal(settings.group_count, 0);
    assert_int_equal(settings.group_items, LIMIT_GROUP_ITEMS);
    assert_false(settings.strict || settings.viewed.on);
    settings = parse_good(*state, "{}");
    assert_int_equal(settings.group_items, LIMIT_GROUP_ITEMS);
    settings =
        parse_good(*state, "{\"quantity\":null,\"filters\":null,\"group_by\":null,\"group_items\":null,"
                           "\"exclude_viewed_items\":null,\"strict\":null}");
    assert_int_equal(settings.quantity, 0);
    assert_false(settings.strict || settings.viewed.on);
}

static void settings_are_an_object(void **state)
{
    static const char *const bad[] = {"[]", "7", "\"{}\"", "true"};
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(*state, bad[i], "settings", "must be a JSON object");
}

static void unknown_keys_are_named(void **state)
{
    check_bad(*state, "{\"quantitiy\":5}", "quantitiy", "is not a setting");
    check_bad(*state, "{\"Quantity\":5}", "Quantity", "is not a setting");
    check_bad(*state, "{\"\":5}", "", "is not a setting");
    check_bad(*state, "{\"quantity\":5,\"boosters\":[]}", "boosters", "is not a setting");
}

/* The list in the error is that of the help, and the parser knows each of it. */
static void each_setting_is_known_by_its_help(void **state)
{
    struct arena *arena = *state;
    const char *name, *help, *list = "is not a setting: use ";
    size_t count = 0;
    for (; (help = context_setting_help(count, &name)); count++) {
        assert_true(*help && strlen(help) <= 85);
        check_bad(arena, arena_format(arena, "{\"%s\":\"\"}", name), name, "must ");
        list = arena_format(arena, "%s%s%s", list, count ? ", " : "", name);
    }
    assert_null(name);
    assert_int_equal(count, 13);
    check_bad(arena, "{\"else\":1}", "else", list);
}

static void numbers(void **state)
{
    struct arena *arena = *state;
    static const char *const bad[] = {"0", "-1", "\"5\"", "5.5", "true", "[5]", "{}", "9223372036854775806"};
    assert_int_equal(parse_good(arena, "{\"quantity\":1}").quantity, 1);
    assert_int_equal(parse_good(arena, "{\"quantity\":100}").quantity, 100);
    assert_int_equal(parse_good(arena, "{\"group_items\":1}").group_items, 1);
    assert_int_equal(parse_good(arena, "{\"group_items\":10}").group_items, 10);
    check_bad(arena, "{\"quantity\":101}", "quantity", "from 1 to 100");
    check_bad(arena, "{\"group_items\":11}", "group_items", "from 1 to 10");
    for (size_t i = 0; i < COUNT(bad); i++) {
        check_bad(arena, arena_format(arena, "{\"quantity\":%s}", bad[i]), "quantity", "from 1 to 100");
        check_bad(arena, arena_format(arena, "{\"group_items\":%s}", bad[i]), "group_items", "from 1 to 10");
    }
}

static void strict_is_true_or_false(void **state)
{
    static const char *const bad[] = {"1", "\"true\"", "[]", "0"};
    assert_true(parse_good(*state, "{\"strict\":true}").strict);
    assert_false(parse_good(*state, "{\"strict\":false}").strict);
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(*state, arena_format(*state, "{\"strict\":%s}", bad[i]), "strict", "true or false");
}

static void groups_are_up_to_three_keys(void **state)
{
    struct arena *arena = *state;
    static const char *const bad[] = {"7", "{}", "true", "[\"a\",\"b\",\"c\",\"d\"]"};
    static const char *const bad_names[] = {"\"\"", "[\"\"]", "[\"a\",7]", "[null]", "[[\"a\"]]"};
    struct context_settings settings =
        parse_good(arena, "{\"group_by\":[\"category\",\"size.width\",\"c\"]}");
    assert_int_equal(settings.group_count, 3);
    assert_string_equal(settings.group_by[1], "size.width");
    settings = parse_good(arena, "{\"group_by\":\"category\"}");
    assert_int_equal(settings.group_count, 1);
    assert_string_equal(settings.group_by[0], "category");
    assert_int_equal(parse_good(arena, "{\"group_by\":[]}").group_count, 0);
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(arena, arena_format(arena, "{\"group_by\":%s}", bad[i]), "group_by", "at most 3");
    for (size_t i = 0; i < COUNT(bad_names); i++)
        check_bad(arena, arena_format(arena, "{\"group_by\":%s}", bad_names[i]), "group_by",
                  "non-empty texts");
}

static void viewed_windows(void **state)
{
    static const struct {
        const char *json, *unit;
        bool on;
        int64_t value, seconds;
    } good[] = {{"true", "all time", true, 0, 0},
                {"false", "all time", false, 0, 0},
                {"{\"value\":1,\"unit\":\"minutes\"}", "minutes", true, 1, 60},
                {"{\"value\":24,\"unit\":\"hours\"}", "hours", true, 24, 86400},
                {"{\"value\":30,\"unit\":\"Days\"}", "days", true, 30, 30 * 86400},
                {"{\"value\":100000,\"unit\":\"weeks\"}", "weeks", true, 100000, INT64_C(100000) * 604800},
                {"{\"unit\":\"all time\"}", "all time", true, 0, 0},
                {"{\"unit\":\"All Time\",\"value\":5}", "all time", true, 0, 0}};
    static const char *const bad[] = {"1",
                                      "\"days\"",
                                      "[]",
                                      "{}",
                                      "{\"value\":5}",
                                      "{\"unit\":\"day\",\"value\":5}",
                                      "{\"unit\":\"months\",\"value\":5}",
                                      "{\"unit\":7,\"value\":5}",
                                      "{\"unit\":\"\"}"};
    static const char *const bad_values[] = {"0", "-1", "100001", "1.5", "\"5\"", "null", "true", "[5]"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct viewed_window viewed =
            parse_good(arena, arena_format(arena, "{\"exclude_viewed_items\":%s}", good[i].json)).viewed;
        assert_int_equal(viewed.on, good[i].on);
        assert_string_equal(viewed.unit, good[i].unit);
        assert_true(viewed.value == good[i].value && viewed.seconds == good[i].seconds);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(arena, arena_format(arena, "{\"exclude_viewed_items\":%s}", bad[i]), "exclude_viewed_items",
                  "must be");
    for (size_t i = 0; i < COUNT(bad_values); i++)
        check_bad(
            arena,
            arena_format(arena, "{\"exclude_viewed_items\":{\"unit\":\"days\",\"value\":%s}}", bad_values[i]),
            "exclude_viewed_items.value", "from 1 to 100000");
    check_bad(arena, "{\"exclude_viewed_items\":{\"unit\":\"days\"}}", "exclude_viewed_items.value",
              "from 1 to 100000");
}

static const struct filter_condition *parse_filters(struct arena *arena, const char *filters, size_t count)
{
    struct context_settings settings = parse_good(arena, arena_format(arena, "{\"filters\":[%s]}", filters));
    assert_int_equal(settings.filter_count, count);
    return settings.filters;
}

static void every_operator(void **state)
{
    static const struct {
        const char *name, *value;
        enum filter_operator operator;
    } operators[] = {{"=", "1", FILTER_EQUAL},          {"!=", "1", FILTER_NOT_EQUAL},
                     {"<", "1", FILTER_LESS},           {"<=", "1", FILTER_LESS_EQUAL},
                     {">", "1", FILTER_GREATER},        {">=", "1", FILTER_GREATER_EQUAL},
                     {"like", "\"a%\"", FILTER_LIKE},   {"NOT  LIKE", "\"a\"", FILTER_NOT_LIKE},
                     {"ILIKE", "\"a\"", FILTER_ILIKE},  {"not ilike", "\"a\"", FILTER_NOT_ILIKE},
                     {"IN", "[1]", FILTER_IN},          {" Not In ", "[1]", FILTER_NOT_IN},
                     {"EXISTS", "null", FILTER_EXISTS}, {"NOT EXISTS", "7", FILTER_NOT_EXISTS}};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(operators); i++) {
        const struct filter_condition *condition =
            parse_filters(arena,
                          arena_format(arena, "{\"column\":\"c\",\"operator\":\"%s\",\"value\":%s}",
                                       operators[i].name, operators[i].value),
                          1);
        assert_int_equal(condition->operator, operators[i].operator);
        assert_string_equal(condition->column, "c");
        assert_false(condition->or_with_previous);
    }
    check_bad(arena, "{\"filters\":[{\"column\":\"c\",\"operator\":\"==\",\"value\":1}]}",
              "filters[0].operator", "must be one of");
    check_bad(arena, "{\"filters\":[{\"column\":\"c\",\"value\":1}]}", "filters[0].operator",
              "must be one of");
    check_bad(arena, "{\"filters\":[{\"column\":\"c\",\"operator\":7,\"value\":1}]}", "filters[0].operator",
              "must be one of");
}

static void values_are_text_with_a_number_where_they_are_one(void **state)
{
    struct arena *arena = *state;
    const struct filter_condition *condition = parse_filters(
        arena,
        "{\"column\":\"c\",\"operator\":\"IN\",\"value\":[\"red\",7,\"7.50\",1.5,true,false,\"\",\"1e2\"]}",
        1);
    static const char *const texts[] = {"red", "7", "7.50", "1.5", "true", "false", "", "1e2"};
    static const double numbers[] = {NAN, 7, 7.5, 1.5, NAN, NAN, NAN, NAN};
    assert_int_equal(condition->value_count, COUNT(texts));
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_string_equal(condition->values[i].text, texts[i]);
        assert_int_equal(isnan(condition->values[i].number), isnan(numbers[i]));
        assert_true(isnan(numbers[i]) || condition->values[i].number == numbers[i]);
    }
}

static void in_takes_text_with_commas(void **state)
{
    static const char *const texts[] = {"red", "dark green", "", "x"};
    const struct filter_condition *condition =
        parse_filters(*state, "{\"column\":\"c\",\"operator\":\"IN\",\"value\":\" red , dark green,,x\"}", 1);
    assert_int_equal(condition->value_count, COUNT(texts));
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_string_equal(condition->values[i].text, texts[i]);
    /* One value is one value: no commas there. */
    condition = parse_filters(*state, "{\"column\":\"c\",\"operator\":\"=\",\"value\":\"a,b\"}", 1);
    assert_int_equal(condition->value_count, 1);
    assert_string_equal(condition->values[0].text, "a,b");
}

static void conditions_are_joined_by_and_or_or(void **state)
{
    struct arena *arena = *state;
    const struct filter_condition *conditions =
        parse_filters(arena,
                      "{\"column\":\"a\",\"operator\":\"EXISTS\"},"
                      "{\"column\":\"b\",\"operator\":\"EXISTS\",\"logic\":\"or\"},"
                      "{\"column\":\"c\",\"operator\":\"EXISTS\",\"logic\":\"AND\"},"
                      "{\"column\":\"d\",\"operator\":\"EXISTS\",\"logic\":null}",
                      4);
    assert_true(conditions[1].or_with_previous);
    assert_false(conditions[0].or_with_previous || conditions[2].or_with_previous ||
                 conditions[3].or_with_previous);
    static const char *const bad[] = {"\"XOR\"", "\"\"", "7", "true", "[\"OR\"]"};
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(arena,
                  arena_format(arena,
                               "{\"filters\":[{\"column\":\"a\",\"operator\":\"EXISTS\",\"logic\":%s}]}",
                               bad[i]),
                  "filters[0].logic", "AND or OR");
}

static void wrong_conditions_are_named_by_number(void **state)
{
    struct arena *arena = *state;
    const char *good = "{\"column\":\"a\",\"operator\":\"EXISTS\"}";
    static const struct {
        const char *json, *field;
    } bad[] = {{"7", ""},
               {"null", ""},
               {"[]", ""},
               {"{\"operator\":\"=\",\"value\":1}", ".column"},
               {"{\"column\":\"\",\"operator\":\"=\",\"value\":1}", ".column"},
               {"{\"column\":7,\"operator\":\"=\",\"value\":1}", ".column"},
               {"{\"column\":\"a\",\"operator\":\"=\"}", ".value"},
               {"{\"column\":\"a\",\"operator\":\"=\",\"value\":null}", ".value"},
               {"{\"column\":\"a\",\"operator\":\"=\",\"value\":[1]}", ".value"},
               {"{\"column\":\"a\",\"operator\":\"=\",\"value\":{}}", ".value"},
               {"{\"column\":\"a\",\"operator\":\"IN\",\"value\":7}", ".value"},
               {"{\"column\":\"a\",\"operator\":\"IN\",\"value\":[null]}", ".value"},
               {"{\"column\":\"a\",\"operator\":\"NOT IN\",\"value\":[[1]]}", ".value"},
               {"{\"column\":\"a\",\"operator\":\"IN\",\"value\":{\"a\":1}}", ".value"}};
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(arena, arena_format(arena, "{\"filters\":[%s,%s]}", good, bad[i].json),
                  arena_format(arena, "filters[1]%s", bad[i].field), "");
    check_bad(arena, "{\"filters\":{}}", "filters", "must be a list");
    check_bad(arena, "{\"filters\":\"a = 1\"}", "filters", "must be a list");
}

static const char *list_of(struct arena *arena, const char *entry, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_format(arena, "%s%s%s", text, i ? "," : "", entry);
    return text;
}

static void filters_have_limits(void **state)
{
    struct arena *arena = *state;
    const char *condition = "{\"column\":\"a\",\"operator\":\"EXISTS\"}";
    const char *form = "{\"column\":\"a\",\"operator\":\"IN\",\"value\":[%s]}";
    parse_filters(arena, list_of(arena, condition, LIMIT_FILTER_CONDITIONS), LIMIT_FILTER_CONDITIONS);
    check_bad(
        arena,
        arena_format(arena, "{\"filters\":[%s]}", list_of(arena, condition, LIMIT_FILTER_CONDITIONS + 1)),
        "filters", "at most 50");
    parse_filters(arena, arena_format(arena, form, list_of(arena, "1", LIMIT_FILTER_VALUES)), 1);
    parse_filters(arena, arena_format(arena, form, ""), 1);
    check_bad(arena,
              arena_format(arena, "{\"filters\":[%s]}",
                           arena_format(arena, form, list_of(arena, "1", LIMIT_FILTER_VALUES + 1))),
              "filters[0].value", "at most 500");
    check_bad(arena,
              arena_format(arena, "{\"filters\":[{\"column\":\"a\",\"operator\":\"IN\",\"value\":\"%s\"}]}",
                           repeat(arena, ',', LIMIT_FILTER_VALUES)),
              "filters[0].value", "at most 500");
}

static void diversity_is_a_cap_or_a_weight_or_both(void **state)
{
    struct context_settings settings =
        parse_good(*state, "{\"diversity\":{\"field\":\"category\",\"max\":2}}");
    assert_string_equal(settings.diversity.field, "category");
    assert_int_equal(settings.diversity.maximum, 2);
    assert_true(diversity_is_on(&settings.diversity));
    settings = parse_good(*state, "{\"diversity\":{\"relevance\":0.5}}");
    assert_null(settings.diversity.field);
    assert_true(diversity_is_on(&settings.diversity));
    assert_false(
        diversity_is_on(&(struct diversity){.relevance = parse_good(*state, "{}").diversity.relevance}));
    check_bad(*state, "{\"diversity\":{}}", "diversity", "field and max");
    check_bad(*state, "{\"diversity\":3}", "diversity", "field and max");
    check_bad(*state, "{\"diversity\":{\"field\":\"c\"}}", "diversity.max", "from 1 to 100");
    check_bad(*state, "{\"diversity\":{\"field\":7,\"max\":1}}", "diversity.field", "text");
    check_bad(*state, "{\"diversity\":{\"field\":\"\",\"max\":1}}", "diversity.field", "text");
    check_bad(*state, "{\"diversity\":{\"relevance\":1.5}}", "diversity.relevance", "from 0 to 1");
    check_bad(*state, "{\"diversity\":{\"relevance\":\"1\"}}", "diversity.relevance", "from 0 to 1");
}

static void who_ranks_may_be_said(void **state)
{
    struct context_settings settings = parse_good(*state, "{\"recommender\":null}");
    assert_true(settings.is_remote == CONTEXT_UNSAID && settings.may_fail == CONTEXT_UNSAID &&
                settings.has_shadow == CONTEXT_UNSAID);
    settings =
        parse_good(*state, "{\"recommender\":\"remote\",\"on_failure\":\"embedded\",\"shadow\":\"remote\"}");
    assert_true(settings.is_remote == CONTEXT_YES && settings.may_fail == CONTEXT_YES &&
                settings.has_shadow == CONTEXT_YES);
    settings =
        parse_good(*state, "{\"recommender\":\"embedded\",\"on_failure\":\"error\",\"shadow\":\"none\"}");
    assert_true(settings.is_remote == CONTEXT_NO && settings.may_fail == CONTEXT_NO &&
                settings.has_shadow == CONTEXT_NO);
    check_bad(*state, "{\"recommender\":\"other\"}", "recommender", "must be embedded or remote");
    check_bad(*state, "{\"on_failure\":true}", "on_failure", "must be error or embedded");
    check_bad(*state, "{\"shadow\":\"embedded\"}", "shadow", "must be none or remote");
    check_bad(*state, "{\"boosters\":[]}", "boosters", ", shadow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(nothing_is_set_by_nothing),
        ARENA_TEST(settings_are_an_object),
        ARENA_TEST(unknown_keys_are_named),
        ARENA_TEST(each_setting_is_known_by_its_help),
        ARENA_TEST(numbers),
        ARENA_TEST(strict_is_true_or_false),
        ARENA_TEST(groups_are_up_to_three_keys),
        ARENA_TEST(viewed_windows),
        ARENA_TEST(every_operator),
        ARENA_TEST(values_are_text_with_a_number_where_they_are_one),
        ARENA_TEST(in_takes_text_with_commas),
        ARENA_TEST(conditions_are_joined_by_and_or_or),
        ARENA_TEST(wrong_conditions_are_named_by_number),
        ARENA_TEST(filters_have_limits),
        ARENA_TEST(diversity_is_a_cap_or_a_weight_or_both),
        ARENA_TEST(who_ranks_may_be_said),
    };
    return cmocka_run_group_tests_name("recommender/context_settings", tests, NULL, NULL);
}
