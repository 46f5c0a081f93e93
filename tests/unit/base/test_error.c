/* One error: the first wins, fields are collected, nothing overflows. */
#include "fixture.h"

#include "base/text.h"

static void every_code_has_a_status_and_a_name(void **state)
{
    static const int statuses[ERROR__MAX] = {[ERROR_NONE] = 200,
                                             [ERROR_INVALID_REQUEST] = 400,
                                             [ERROR_INVALID_JSON] = 400,
                                             [ERROR_VALIDATION] = 400,
                                             [ERROR_CONTEXT_NOT_FOUND] = 400,
                                             [ERROR_INVALID_TOKEN] = 401,
                                             [ERROR_EXPIRED_TOKEN] = 401,
                                             [ERROR_UNKNOWN_CLIENT] = 401,
                                             [ERROR_INSUFFICIENT_SCOPE] = 403,
                                             [ERROR_PERSON_TOKEN] = 403,
                                             [ERROR_QUOTA_EXCEEDED] = 403,
                                             [ERROR_PARAMETER_MISSING] = 400,
                                             [ERROR_INVALID_ID] = 400,
                                             [ERROR_INVALID_LIMIT] = 400,
                                             [ERROR_INVALID_CURSOR] = 400,
                                             [ERROR_INVALID_FILTER] = 400,
                                             [ERROR_INVALID_SCOPE_JSON] = 400,
                                             [ERROR_BATCH_SIZE] = 400,
                                             [ERROR_EMPTY_UPDATE] = 400,
                                             [ERROR_UNKNOWN_EVENT_TYPE] = 400,
                                             [ERROR_UNKNOWN_ITEM] = 400,
                                             [ERROR_TOO_EXPENSIVE] = 400,
                                             [ERROR_TENANT_BUSY] = 503,
                                             [ERROR_OVERLOADED] = 503,
                                             [ERROR_CLIENT_GONE] = 503,
                                             [ERROR_OAUTH_REQUEST] = 400,
                                             [ERROR_OAUTH_GRANT_TYPE] = 400,
                                             [ERROR_OAUTH_SCOPE] = 400,
                                             [ERROR_OAUTH_CLIENT] = 401,
                                             [ERROR_ITEM_NOT_FOUND] = 404,
                                             [ERROR_EVENT_NOT_FOUND] = 404,
                                             [ERROR_ITEM_EXISTS] = 409,
                                             [ERROR_EVENT_CONFLICT] = 409,
                                             [ERROR_RATE_LIMITED] = 429,
                                             [ERROR_NOT_FOUND] = 404,
                                             [ERROR_METHOD_NOT_ALLOWED] = 405,
                                             [ERROR_BODY_TOO_LARGE] = 413,
                                             [ERROR_URI_TOO_LONG] = 414,
                                             [ERROR_UNSUPPORTED_TYPE] = 415,
                                             [ERROR_DATABASE] = 500,
                                             [ERROR_DATABASE_RETRY] = 500,
                                             [ERROR_CONFIGURATION] = 500,
                                             [ERROR_NOT_READY] = 503,
                                             [ERROR_REMOTE] = 500};
    (void)state;
    for (int code = 0; code < ERROR__MAX; code++) {
        const char *name = error_name((enum error_code)code);
        assert_int_equal(error_status((enum error_code)code), statuses[code]);
        assert_true(*name);
        assert_int_equal(name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")], 0);
    }
    assert_int_equal(error_status(ERROR__MAX), 500);
    assert_string_equal(error_name(ERROR__MAX), "internal_error");
    assert_string_equal(error_name(ERROR_DATABASE),
                        error_name(ERROR_CONFIGURATION)); /* of no use to attackers */
}

static void the_first_error_wins(void **state)
{
    struct error error = {0};
    (void)state;
    assert_false(error_set(&error, ERROR_NOT_FOUND, "no %s", "page"));
    assert_false(error_set(&error, ERROR_DATABASE, "later"));
    assert_int_equal(error.code, ERROR_NOT_FOUND);
    assert_string_equal(error.message, "no page");
    assert_false(error_detail(&error, "first %d", 1));
    assert_false(error_detail(&error, "second"));
    assert_string_equal(error.detail, "first 1");
}

static void fields_are_collected(void **state)
{
    struct error error = {0};
    (void)state;
    assert_false(error_field(&error, "task", "is missing"));
    assert_false(error_field(&error, "quantity", "must be at most %d", 100));
    assert_int_equal(error.code, ERROR_VALIDATION);
    assert_string_equal(error.message, "task is missing");
    assert_int_equal(error.problem_count, 2);
    assert_string_equal(error.problems[0].field, "task");
    assert_string_equal(error.problems[1].field, "quantity");
    assert_string_equal(error.problems[1].problem, "must be at most 100");
}

static void fields_after_another_error_are_not(void **state)
{
    struct error error = {0};
    (void)state;
    error_set(&error, ERROR_INVALID_JSON, "no JSON");
    assert_false(error_field(&error, "task", "is missing"));
    assert_int_equal(error.code, ERROR_INVALID_JSON);
    assert_string_equal(error.message, "no JSON");
    assert_int_equal(error.problem_count, 0);
}

static void problems_have_a_limit(void **state)
{
    struct error error = {0};
    (void)state;
    for (int i = 0; i < LIMIT_PROBLEMS + 5; i++)
        error_field(&error, "list", "problem %d", i);
    assert_int_equal(error.problem_count, LIMIT_PROBLEMS);
    assert_string_equal(error.problems[LIMIT_PROBLEMS - 1].problem, "problem 7");
}

static void long_texts_are_cut(void **state)
{
    struct arena *arena = *state;
    struct error error = {0};
    const char *text = repeat(arena, 'x', 5000);
    error_field(&error, text, "%s", text);
    error_detail(&error, "%s", text);
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
    assert_int_equal(strlen(error.detail), sizeof(error.detail) - 1);
    assert_int_equal(strlen(error.problems[0].problem), sizeof(error.problems[0].problem) - 1);
}

/* Answers hold these texts: half a character in them would be no JSON. */
static void no_character_is_cut_in_two(void **state)
{
    struct arena *arena = *state;
    struct error error = {0};
    const char *text = arena_format(arena, "%s\xE2\x82\xAC", repeat(arena, 'x', 58));
    error_set(&error, ERROR_UNKNOWN_ITEM, "item_id \"%.60s\" is not in the catalogue", text);
    assert_non_null(strstr(error.message, "xx\" is not in the catalogue"));
    assert_true(text_is_utf8(error.message, strlen(error.message)));
    error_clear(&error);
    error_field(&error, arena_format(arena, "%s\xC3\xA9", repeat(arena, 'x', sizeof(error.message) - 2)),
                "%s\xC3\xA9", repeat(arena, 'x', sizeof(error.problems[0].problem) - 2));
    assert_int_equal(strlen(error.message), sizeof(error.message) - 2);
    assert_int_equal(strlen(error.problems[0].problem), sizeof(error.problems[0].problem) - 2);
}

static void clearing_allows_a_second_try(void **state)
{
    struct error error = {0};
    (void)state;
    error_field(&error, "a", "b");
    error_detail(&error, "c");
    error_clear(&error);
    assert_int_equal(error.code, ERROR_NONE);
    assert_int_equal(error.problem_count, 0);
    error_set(&error, ERROR_DATABASE, "second");
    error_detail(&error, "new");
    assert_string_equal(error.message, "second");
    assert_string_equal(error.detail, "new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_status_and_a_name),
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(fields_are_collected),
        cmocka_unit_test(fields_after_another_error_are_not),
        cmocka_unit_test(problems_have_a_limit),
        ARENA_TEST(long_texts_are_cut),
        ARENA_TEST(no_character_is_cut_in_two),
        cmocka_unit_test(clearing_allows_a_second_try),
    };
    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
