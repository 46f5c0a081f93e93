/* What a request does not want to see: each parameter in each spelling, and conditions as JSON again. */
#include "../../base/fixture.h"

#include "api/recommend/request_filters.h"

static struct request request;

static bool read_json(struct arena *arena, const char *json, struct request_filters *filters)
{
    request = (struct request){.arena = arena, .merged = json_of(arena, json)};
    return request_filters_read(&request, filters);
}

static void sources_are_joined_in_their_order(void **state)
{
    struct request_filters filters;
    assert_true(
        read_json(*state,
                  "{\"filters\":\"c:3\",\"filter\":[\"b:2\"],"
                  "\"scope\":\"{\\\"filters\\\":[{\\\"column\\\":\\\"a\\\",\\\"operator\\\":\\\"=\\\","
                  "\\\"value\\\":1}]}\"}",
                  &filters));
    assert_int_equal(filters.filters.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(filters.filters.conditions[i].column[0], 'a' + (int)i);
    struct json_writer *writer = json_writer_create(*state);
    request_filters_write(writer, NULL, filters.filters.conditions, filters.filters.count);
    struct json_object *json = json_of(*state, json_writer_result(writer));
    assert_string_equal(json_text(json_object_array_get_idx(json, 1)),
                        "{\"column\":\"b\",\"operator\":\"=\",\"value\":\"2\",\"logic\":\"AND\"}");
}

static void exclusions_are_lists_or_text(void **state)
{
    static const char *const same[] = {"{\"exclude\":\"a,b,c\"}", "{\"exclude\":[\"a\",\"b\",\"c\"]}",
                                       "{\"exclude\":[\"a,b\",\"c\"]}", "{\"exclude\":\",a,,b,c,\"}",
                                       "{\"exclude\":\"a, b , c \"}"};
    struct request_filters filters;
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(read_json(*state, same[i], &filters));
        assert_int_equal(filters.exclude_count, 3);
        assert_string_equal(filters.exclude[0], "a");
        assert_string_equal(filters.exclude[2], "c");
    }
    assert_true(read_json(*state, "{\"exclude\":[7]}", &filters));
    assert_string_equal(filters.exclude[0], "7");
    assert_true(read_json(*state, "{\"exclude\":[]}", &filters));
    assert_int_equal(filters.exclude_count, 0);
}

/* The parameters as a JSON body has them. */
static bool read_body(struct arena *arena, const char *json, struct request_filters *filters)
{
    request = (struct request){.arena = arena, .merged = json_of(arena, json), .body = json_of(arena, json)};
    return request_filters_read(&request, filters);
}

static void an_entry_of_a_json_list_is_one_id(void **state)
{
    struct request_filters filters;
    assert_true(read_body(*state, "{\"exclude\":[\"A,B\",\",\",\"\",7]}", &filters));
    assert_int_equal(filters.exclude_count, 3);
    assert_string_equal(filters.exclude[0], "A,B");
    assert_string_equal(filters.exclude[1], ",");
    assert_string_equal(filters.exclude[2], "7");
    assert_true(read_body(*state, "{\"exclude\":\"A,B\"}", &filters)); /* text is split, as in a query */
    assert_int_equal(filters.exclude_count, 2);
    assert_false(read_body(*state, "{\"exclude\":[null]}", &filters));
}

static void windows_are_flags_objects_or_text(void **state)
{
    struct request_filters filters;
    assert_true(read_json(*state, "{}", &filters));
    assert_false(filters.has_viewed);
    assert_true(read_json(*state, "{\"exclude_viewed\":true}", &filters));
    assert_true(filters.has_viewed && filters.viewed.on && !filters.viewed.seconds);
    assert_true(read_json(*state, "{\"exclude_viewed\":\"false\"}", &filters));
    assert_true(filters.has_viewed && !filters.viewed.on);
    assert_true(
        read_json(*state, "{\"exclude_viewed\":\"{\\\"value\\\":2,\\\"unit\\\":\\\"days\\\"}\"}", &filters));
    assert_int_equal(filters.viewed.seconds, 172800);
}

static void each_error_has_its_code(void **state)
{
    static const struct {
        const char *json;
        enum error_code code;
    } bad[] = {{"{\"scope\":\"x\"}", ERROR_INVALID_SCOPE_JSON},
               {"{\"scope\":[7]}", ERROR_INVALID_SCOPE_JSON},
               {"{\"scope\":{\"filters\":7}}", ERROR_INVALID_FILTER},
               {"{\"filter\":\"x\"}", ERROR_INVALID_FILTER},
               {"{\"filters\":7}", ERROR_INVALID_FILTER},
               {"{\"exclude\":{}}", ERROR_VALIDATION},
               {"{\"exclude\":[\"a\\tb\"]}", ERROR_VALIDATION},
               {"{\"exclude_viewed\":\"x\"}", ERROR_VALIDATION},
               {"{\"exclude_viewed\":7}", ERROR_VALIDATION}};
    struct request_filters filters;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(read_json(*state, bad[i].json, &filters));
        assert_int_equal(request.error.code, bad[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(sources_are_joined_in_their_order), ARENA_TEST(exclusions_are_lists_or_text),
        ARENA_TEST(an_entry_of_a_json_list_is_one_id), ARENA_TEST(windows_are_flags_objects_or_text),
        ARENA_TEST(each_error_has_its_code),
    };
    return cmocka_run_group_tests_name("api/request_filters", tests, NULL, NULL);
}
