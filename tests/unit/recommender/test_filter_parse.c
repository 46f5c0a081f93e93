/* Filters as callers write them: every form of the grammar, the limits, and what is refused under which code.
 */
#include "../base/fixture.h"

#include "recommender/filter_parse.h"

static struct error error;

static struct filter_parser parser_of(struct arena *arena, enum error_code code)
{
    error = (struct error){0};
    return (struct filter_parser){.arena = arena, .error = &error, .code = code};
}

static void check(struct arena *arena, const char *text, const char *column, enum filter_operator op,
                  const char *value, bool or_before)
{
    struct filter_parser parser = parser_of(arena, ERROR_INVALID_FILTER);
    struct filter_list list = {0};
    if (!filter_parse_shorthand(&parser, text, "filter", &list))
        fail_msg("%s is refused: %s", text, error.message);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.conditions[0].column, column);
    assert_int_equal(list.conditions[0].operator, op);
    assert_int_equal(list.conditions[0].value_count, 1);
    assert_string_equal(list.conditions[0].values[0].text, value);
    assert_int_equal(list.conditions[0].or_with_previous, or_before);
}

static void shorthand_has_a_grammar(void **state)
{
    struct arena *arena = *state;
    check(arena, "category:electronics", "category", FILTER_EQUAL, "electronics", false);
    check(arena, "type!=comment", "type", FILTER_NOT_EQUAL, "comment", false);
    check(arena, "OR:brand:Acme", "brand", FILTER_EQUAL, "Acme", true);
    check(arena, "AND:brand:Acme", "brand", FILTER_EQUAL, "Acme", false);
    check(arena, "price>=10", "price", FILTER_GREATER_EQUAL, "10", false);
    check(arena, "price<=10", "price", FILTER_LESS_EQUAL, "10", false);
    check(arena, "price>10", "price", FILTER_GREATER, "10", false);
    check(arena, "price<10", "price", FILTER_LESS, "10", false);
    check(arena, "a=b", "a", FILTER_EQUAL, "b", false);
    check(arena, "size.width:3", "size.width", FILTER_EQUAL, "3", false);
    check(arena, "url:http://x/?a=b", "url", FILTER_EQUAL, "http://x/?a=b", false);
    check(arena, "a:", "a", FILTER_EQUAL, "", false);
    check(arena, "a>=", "a", FILTER_GREATER_EQUAL, "", false);
    check(arena, "a:=b", "a", FILTER_EQUAL, "=b", false);
    check(arena, "two words:x y", "two words", FILTER_EQUAL, "x y", false);
}

static void a_prefix_counts_only_before_a_filter(void **state)
{
    struct arena *arena = *state;
    check(arena, "OR:5", "OR", FILTER_EQUAL, "5", false);
    check(arena, "OR:", "OR", FILTER_EQUAL, "", false);
    check(arena, "AND:x", "AND", FILTER_EQUAL, "x", false);
    check(arena, "OR::x", "OR", FILTER_EQUAL, ":x", false);
    check(arena, "or:brand:Acme", "or", FILTER_EQUAL, "brand:Acme", false);
    check(arena, "OR:a>=1", "a", FILTER_GREATER_EQUAL, "1", true);
    check(arena, "OR:OR:a:1", "OR", FILTER_EQUAL, "a:1", true);
    check(arena, "OR=1", "OR", FILTER_EQUAL, "1", false);
}

static void blanks_around_an_operator_mean_nothing(void **state)
{
    struct arena *arena = *state;
    check(arena, " price <= 10 ", "price", FILTER_LESS_EQUAL, "10", false);
    check(arena, "price\t>=\t10", "price", FILTER_GREATER_EQUAL, "10", false);
    check(arena, "category : dark green ", "category", FILTER_EQUAL, "dark green", false);
    check(arena, "OR: brand = Acme", "brand", FILTER_EQUAL, "Acme", true);
    check(arena, " AND:a != b", "a", FILTER_NOT_EQUAL, "b", false);
    check(arena, "a = ", "a", FILTER_EQUAL, "", false);
}

static void numbers_are_numbers_when_they_are_wholly_so(void **state)
{
    struct filter_parser parser = parser_of(*state, ERROR_INVALID_FILTER);
    struct filter_list list = {0};
    assert_true(filter_parse_shorthand(&parser, "a:12.5", "filter", &list));
    assert_true(filter_parse_shorthand(&parser, "a:12 kg", "filter", &list));
    assert_true(filter_parse_shorthand(&parser, "a:", "filter", &list));
    assert_true(list.conditions[0].values[0].number == 12.5);
    assert_true(isnan(list.conditions[1].values[0].number) && isnan(list.conditions[2].values[0].number));
}

static double number_of(struct arena *arena, const char *text)
{
    struct filter_parser parser = parser_of(arena, ERROR_INVALID_FILTER);
    struct filter_list list = {0};
    assert_true(filter_parse_shorthand(&parser, text, "filter", &list));
    return list.conditions[0].values[0].number;
}

static void items_are_compared_by_any_moment(void **state)
{
    static const double new_year = 1704067200; /* 2024-01-01, Unix seconds */
    static const char *const same[] = {"2024-01-01",
                                       "2024-01-01T00:00:00Z",
                                       "2024-01-01 01:00:00 +0100",
                                       "2024/01/01",
                                       "20240101",
                                       "1704067200",
                                       "1704067200000",
                                       "1704067200000000",
                                       "1704067200.0",
                                       "1704067200000000000"};
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(number_of(*state, arena_format(*state, "created>=%s", same[i])) == new_year);
        assert_true(number_of(*state, arena_format(*state, "updated_at<%s", same[i])) == new_year);
    }
    assert_true(number_of(*state, "created>0") == 0); /* bounds that keep all, or none */
    assert_true(number_of(*state, "created<100") == 100);
    assert_true(isnan(number_of(*state, "metadata.created>=2024-01-01"))); /* the shop's own */
    static const char *const wrong[] = {"created>=2024-13-01", "created:yesterday",
                                        "updated_at!=", "created<1.1.2024"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct filter_parser parser = parser_of(*state, ERROR_INVALID_FILTER);
        struct filter_list list = {0};
        assert_false(filter_parse_shorthand(&parser, wrong[i], "filter", &list));
        assert_non_null(strstr(error.message, "filter must be a time"));
    }
}

static void what_is_no_filter_is_refused(void **state)
{
    static const char *const bad[] = {"",    "x",  "=x", ":",    "!",    "!=",   "a!b",  "a!",      ">1",
                                      "AND", "OR", " ",  "a==1", "a=>1", "a=<1", "a<>1", "a > = 1", "a>>1"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct filter_parser parser = parser_of(*state, ERROR_INVALID_FILTER);
        struct filter_list list = {0};
        assert_false(filter_parse_shorthand(&parser, bad[i], "filter", &list));
        assert_int_equal(error.code, ERROR_INVALID_FILTER);
        assert_non_null(strstr(error.message, "filter must be"));
    }
}

static bool parse(struct arena *arena, const char *json, struct filter_list *list)
{
    struct filter_parser parser = parser_of(arena, ERROR_INVALID_FILTER);
    *list = (struct filter_list){0};
    return filter_parse_any(&parser, json_of(arena, json), "filter", list);
}

static void lists_mix_texts_and_entries(void **state)
{
    struct filter_list list;
    assert_true(parse(
        *state, "[\"a:1\",{\"column\":\"b\",\"operator\":\"in\",\"value\":\"x, y\"},\"OR:c:2\"]", &list));
    assert_int_equal(list.count, 3);
    assert_int_equal(list.conditions[1].operator, FILTER_IN);
    assert_int_equal(list.conditions[1].value_count, 2);
    assert_string_equal(list.conditions[1].values[1].text, "y");
    assert_true(list.conditions[2].or_with_previous);
    assert_true(parse(*state, "[]", &list));
    assert_int_equal(list.count, 0);
    assert_true(parse(*state, "{\"column\":\"a\",\"operator\":\"not exists\"}", &list));
    assert_int_equal(list.conditions[0].operator, FILTER_NOT_EXISTS);
    assert_true(
        parse(*state, "{\"column\":\"a\",\"operator\":\"=\",\"value\":true,\"logic\":\"or\"}", &list));
    assert_string_equal(list.conditions[0].values[0].text, "true");
}

static void wrong_shapes_are_refused(void **state)
{
    static const char *const bad[] = {"7",
                                      "true",
                                      "[7]",
                                      "[[\"a:1\"]]",
                                      "[null]",
                                      "{}",
                                      "{\"column\":7}",
                                      "{\"column\":\"a\",\"operator\":\"=\"}",
                                      "{\"column\":\"a\",\"operator\":\"=\",\"value\":[1]}",
                                      "{\"column\":\"a\",\"operator\":\"=\",\"value\":{}}",
                                      "{\"column\":\"a\",\"operator\":\"in\",\"value\":7}",
                                      "{\"column\":\"a\",\"operator\":\"=\",\"value\":1,\"logic\":7}",
                                      "{\"column\":\"a\",\"operator\":7,\"value\":1}"};
    struct filter_list list;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (parse(*state, bad[i], &list))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(error.code, ERROR_INVALID_FILTER);
    }
}

static void limits_hold_over_all_sources(void **state)
{
    struct arena *arena = *state;
    struct filter_parser parser = parser_of(arena, ERROR_INVALID_FILTER);
    struct filter_list list = {0};
    for (int i = 0; i < LIMIT_FILTER_CONDITIONS; i++)
        assert_true(filter_parse_shorthand(&parser, "a:1", "filter", &list));
    assert_false(filter_parse_shorthand(&parser, "a:1", "filter", &list));
    assert_int_equal(list.count, LIMIT_FILTER_CONDITIONS);
    const char *longest = repeat(arena, 'x', LIMIT_FILTER_TEXT_CHARACTERS);
    const char *column = repeat(arena, 'c', LIMIT_FILTER_COLUMN_CHARACTERS);
    check(arena, arena_format(arena, "%s:%s", column, longest), column, FILTER_EQUAL, longest, false);
    const char *bad[] = {arena_format(arena, "a:%sx", longest), arena_format(arena, "%sc:1", column)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        parser = parser_of(arena, ERROR_INVALID_FILTER);
        list = (struct filter_list){0};
        assert_false(filter_parse_shorthand(&parser, bad[i], "filter", &list));
    }
}

static void the_other_code_lists_the_field(void **state)
{
    struct filter_parser parser = parser_of(*state, ERROR_VALIDATION);
    struct filter_list list = {0};
    assert_false(filter_parse_structured(&parser, json_of(*state, "[{\"column\":\"a\",\"operator\":\"~\"}]"),
                                         "filters", &list));
    assert_int_equal(error.problem_count, 1);
    assert_string_equal(error.problems[0].field, "filters[0].operator");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(shorthand_has_a_grammar),
        ARENA_TEST(a_prefix_counts_only_before_a_filter),
        ARENA_TEST(blanks_around_an_operator_mean_nothing),
        ARENA_TEST(numbers_are_numbers_when_they_are_wholly_so),
        ARENA_TEST(items_are_compared_by_any_moment),
        ARENA_TEST(what_is_no_filter_is_refused),
        ARENA_TEST(lists_mix_texts_and_entries),
        ARENA_TEST(wrong_shapes_are_refused),
        ARENA_TEST(limits_hold_over_all_sources),
        ARENA_TEST(the_other_code_lists_the_field),
    };
    return cmocka_run_group_tests_name("recommender/filter_parse", tests, NULL, NULL);
}
