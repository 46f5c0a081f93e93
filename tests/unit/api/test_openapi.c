/* The API's own description: whole, JSON, and not sent twice. */
#include "../request/fixture.h"

#include "api/openapi.h"
#include "base/json.h"

static struct request ask(struct arena *arena, const char *known)
{
    struct worker worker = {.arena = arena};
    struct request request = {.arena = arena, .transport = fixture_transport, .method = "GET"};
    unsetenv("HTTP_IF_NONE_MATCH");
    if (known)
        setenv("HTTP_IF_NONE_MATCH", known, 1);
    assert_true(openapi_check(&worker, &request));
    assert_true(openapi_answer(&worker, &request));
    unsetenv("HTTP_IF_NONE_MATCH");
    return request;
}

static void the_document_is_the_file(void **state)
{
    struct request request = ask(*state, NULL);
    FILE *file = fopen("fcgi/api/openapi.json", "r");
    assert_non_null(file);
    size_t length = strlen(request.answer);
    char *bytes = arena_alloc(*state, length + 2, 1);
    assert_int_equal(fread(bytes, 1, length + 1, file), length);
    fclose(file);
    assert_string_equal(request.answer, bytes);
    struct json_object *json;
    const char *problem;
    assert_true(json_parse_arena(*state, bytes, length, &json, &problem));
    assert_string_equal(json_object_get_string(json_member(json, "openapi")), "3.1.0");
}

static void who_has_it_is_not_sent_it(void **state)
{
    struct request first = ask(*state, NULL);
    assert_int_equal(first.answer_status, 0);
    assert_int_equal(strlen(first.etag), 34);
    struct request again = ask(*state, first.etag);
    assert_int_equal(again.answer_status, STATUS_NOT_MODIFIED);
    assert_null(again.answer);
    assert_string_equal(again.etag, first.etag);
    assert_int_equal(ask(*state, "\"other\"").answer_status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(the_document_is_the_file),
        ARENA_TEST(who_has_it_is_not_sent_it),
    };
    return cmocka_run_group_tests_name("api/openapi", tests, cgi_open, cgi_close);
}
