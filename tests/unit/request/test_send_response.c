/* What goes to the client: status line, headers, and the shapes of errors. */
#include "fixture.h"

#include "base/json_write.h"
#include "request/send_response.h"

static const struct route detail_route = {.method = "POST", .path = "/d", .style = STYLE_DETAIL};
static const struct route message_route = {.method = "GET", .path = "/m", .style = STYLE_MESSAGE};

struct sent {
    int status;
    char *head, *body;
};

static struct sent send_with(struct arena *arena, struct request *request, char *origin)
{
    struct config config = config_hs256();
    struct worker worker = {.config = &config, .arena = arena};
    struct sent sent;
    config.http_allow_origin = origin;
    request->arena = arena;
    request->transport = fixture_transport;
    request->method = request->method ? request->method : "POST";
    snprintf(request->id, sizeof(request->id), "id-1");
    cgi_catch_output();
    bool done = send_response(&worker, request, &sent.status);
    sent.head = cgi_output(arena);
    assert_true(done);
    char *end = strstr(sent.head, "\r\n\r\n");
    assert_non_null(end);
    end[2] = '\0';
    sent.body = end + 4;
    return sent;
}

static struct sent send_simple(struct arena *arena, struct request *request)
{
    static char everybody[] = "*";
    return send_with(arena, request, everybody);
}

static void check_has(const char *head, const char *line)
{
    if (!strstr(head, line))
        fail_msg("no %s in\n%s", line, head);
}

static void check_lacks(const char *head, const char *part)
{
    if (strstr(head, part))
        fail_msg("%s in\n%s", part, head);
}

static void an_answer(void **state)
{
    struct request request = {.route = &message_route, .method = "GET", .answer = "{\"ä\":1}"};
    struct sent sent = send_simple(*state, &request);
    assert_int_equal(sent.status, 200);
    assert_string_equal(sent.body, "{\"ä\":1}");
    assert_int_equal(strncmp(sent.head, "Status: 200 OK\r\n", 16), 0);
    check_has(sent.head, "\r\nContent-Type: application/json\r\n");
    check_has(sent.head, "\r\nContent-Length: 8\r\n"); /* bytes */
    check_has(sent.head, "\r\nX-Request-Id: id-1\r\n");
    check_has(sent.head, "\r\nCache-Control: no-store\r\n");
    check_lacks(sent.head, "WWW-Authenticate");
    check_lacks(sent.head, "Allow:");
}

/* In several pieces, and without its body where the client wants none. */
static void a_long_answer(void **state)
{
    const char *text = arena_format(*state, "{\"a\":\"%s\"}", repeat(*state, 'x', 100000));
    struct json_writer *out = json_writer_create(*state);
    json_writer_share(out);
    json_writer_list(out, NULL);
    json_writer_written(out, NULL, text);
    json_writer_end(out);
    struct request request = {.route = &message_route, .method = "POST", .long_answer = out};
    struct sent sent = send_simple(*state, &request);
    assert_int_equal(sent.status, 200);
    assert_string_equal(sent.body, arena_format(*state, "[%s]", text));
    check_has(sent.head, "\r\nContent-Length: 100010\r\n");
    request.method = "HEAD";
    sent = send_simple(*state, &request);
    assert_string_equal(sent.body, "");
    check_has(sent.head, "\r\nContent-Length: 100010\r\n");
    request.method = "POST";
    error_set(&request.error, ERROR_DATABASE, "What is wrong");
    sent = send_simple(*state, &request);
    assert_int_equal(sent.status, 500);
    check_has(sent.body, "What is wrong");
}

static void check_error(struct arena *arena, const struct route *route, enum error_code code,
                        const char *status_line, const char *body)
{
    struct request request = {
        .route = route, .allow = "GET, OPTIONS", .answer = "{\"must not\":\"be sent\"}"};
    error_set(&request.error, code, "What is wrong");
    error_detail(&request.error, "private detail");
    struct sent sent = send_simple(arena, &request);
    assert_int_equal(sent.status, error_status(code));
    assert_int_equal(strncmp(sent.head, status_line, strlen(status_line)), 0);
    assert_string_equal(sent.body, body);
    check_has(sent.head, arena_format(arena, "Content-Length: %zu\r\n", strlen(body)));
    assert_int_equal(strstr(sent.head, "WWW-Authenticate: Bearer\r\n") != NULL, sent.status == 401);
    assert_int_equal(strstr(sent.head, "\r\nAllow: GET, OPTIONS\r\n") != NULL, sent.status == 405);
}

#define REQUEST_ERROR                                                                                        \
    "{\"detail\":\"Invalid request parameters\",\"errors\":[{\"field\":\"request\",\"problem\":\"What is "   \
    "wrong\"}]}"

static void the_three_texts_of_the_first_document(void **state)
{
    struct arena *arena = *state;
    check_error(arena, &detail_route, ERROR_INVALID_JSON, "Status: 400 Bad Request\r\n", REQUEST_ERROR);
    check_error(arena, &detail_route, ERROR_INVALID_TOKEN, "Status: 401 Unauthorized\r\n",
                "{\"detail\":\"Invalid authentication credentials\"}");
    check_error(arena, &detail_route, ERROR_UNKNOWN_CLIENT, "Status: 401 Unauthorized\r\n",
                "{\"detail\":\"Invalid authentication credentials\"}");
    check_error(arena, &detail_route, ERROR_DATABASE, "Status: 500 Internal Server Error\r\n",
                "{\"detail\":\"Failed to get recommendations\"}");
    check_error(arena, &detail_route, ERROR_DATABASE_RETRY, "Status: 500 Internal Server Error\r\n",
                "{\"detail\":\"Failed to get recommendations\"}");
    check_error(arena, &detail_route, ERROR_METHOD_NOT_ALLOWED, "Status: 405 Method Not Allowed\r\n",
                REQUEST_ERROR);
    check_error(arena, &detail_route, ERROR_BODY_TOO_LARGE, "Status: 413 Content Too Large\r\n",
                REQUEST_ERROR);
    check_error(arena, &detail_route, ERROR_UNSUPPORTED_TYPE, "Status: 415 Unsupported Media Type\r\n",
                REQUEST_ERROR);
}

#define MESSAGE_ERROR(code)                                                                                  \
    "{\"error\":\"What is wrong\",\"message\":\"What is wrong\",\"code\":\"" code "\"}"

static void the_unversioned_shape(void **state)
{
    struct arena *arena = *state;
    const struct route *const route = &message_route;
    check_error(arena, route, ERROR_CONTEXT_NOT_FOUND, "Status: 400 Bad Request\r\n",
                MESSAGE_ERROR("context_not_found"));
    check_error(arena, route, ERROR_EXPIRED_TOKEN, "Status: 401 Unauthorized\r\n",
                MESSAGE_ERROR("expired_token"));
    check_error(arena, route, ERROR_INSUFFICIENT_SCOPE, "Status: 403 Forbidden\r\n",
                MESSAGE_ERROR("insufficient_scope"));
    check_error(arena, NULL, ERROR_NOT_FOUND, "Status: 404 Not Found\r\n", MESSAGE_ERROR("not_found"));
    check_error(arena, route, ERROR_METHOD_NOT_ALLOWED, "Status: 405 Method Not Allowed\r\n",
                MESSAGE_ERROR("method_not_allowed"));
    check_error(arena, NULL, ERROR_URI_TOO_LONG, "Status: 414 URI Too Long\r\n",
                MESSAGE_ERROR("uri_too_long"));
    check_error(arena, route, ERROR_CONFIGURATION, "Status: 500 Internal Server Error\r\n",
                MESSAGE_ERROR("internal_error"));
}

static void the_shape_below_v1(void **state)
{
    static const struct route route = {.method = "GET", .path = "/v1/m", .style = STYLE_OBJECT};
    static const struct {
        enum error_code code;
        const char *type;
    } cases[] = {{ERROR_VALIDATION, "invalid_request_error"},
                 {ERROR_EXPIRED_TOKEN, "authentication_error"},
                 {ERROR_INSUFFICIENT_SCOPE, "permission_error"},
                 {ERROR_ITEM_NOT_FOUND, "not_found_error"},
                 {ERROR_ITEM_EXISTS, "conflict_error"},
                 {ERROR_RATE_LIMITED, "rate_limit_error"},
                 {ERROR_DATABASE, "api_error"},
                 {ERROR_BODY_TOO_LARGE, "invalid_request_error"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request = {.route = &route, .retry_after = 7};
        error_set(&request.error, cases[i].code, "What is wrong");
        struct sent sent = send_simple(*state, &request);
        const char *wanted = arena_format(*state,
                                          "{\"error\":{\"type\":\"%s\",\"code\":\"%s\",\"message\":\"What is "
                                          "wrong\",\"request_id\":\"id-1\"}}",
                                          cases[i].type, error_name(cases[i].code));
        assert_string_equal(sent.body, wanted);
        assert_int_equal(strstr(sent.head, "\r\nRetry-After: 7\r\n") != NULL, sent.status == 429);
    }
    struct request unknown = {.path = "/v1/nothing"};
    error_set(&unknown.error, ERROR_NOT_FOUND, "x");
    check_has(send_simple(*state, &unknown).body, "\"type\":\"not_found_error\"");
}

static void the_shape_of_oauth(void **state)
{
    static const struct route route = {.method = "POST", .path = "/oauth2/token", .style = STYLE_OAUTH};
    static const struct {
        enum error_code code;
        const char *name;
    } cases[] = {{ERROR_OAUTH_CLIENT, "invalid_client"},
                 {ERROR_OAUTH_GRANT_TYPE, "unsupported_grant_type"},
                 {ERROR_OAUTH_SCOPE, "invalid_scope"},
                 {ERROR_INVALID_JSON, "invalid_request"},
                 {ERROR_DATABASE, "server_error"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request = {.route = &route};
        error_set(&request.error, cases[i].code, "Wrong");
        struct sent sent = send_simple(*state, &request);
        assert_string_equal(
            sent.body,
            arena_format(*state, "{\"error\":\"%s\",\"error_description\":\"Wrong\"}", cases[i].name));
        assert_int_equal(strstr(sent.head, "WWW-Authenticate: Basic") != NULL, sent.status == 401);
    }
}

static void what_may_be_kept(void **state)
{
    struct request request = {.route = &message_route,
                              .method = "GET",
                              .answer = "{}",
                              .etag = "\"7\"",
                              .cache_control = "private, no-cache"};
    struct sent sent = send_simple(*state, &request);
    check_has(sent.head, "\r\nETag: \"7\"\r\n");
    check_has(sent.head, "\r\nCache-Control: private, no-cache\r\n");
    request.answer_status = STATUS_NOT_MODIFIED;
    sent = send_simple(*state, &request);
    assert_int_equal(sent.status, 304);
    assert_string_equal(sent.body, "");
    check_lacks(sent.head, "Content-Length");
    error_set(&request.error, ERROR_DATABASE, "x");
    check_has(send_simple(*state, &request).head, "\r\nCache-Control: no-store\r\n");
}

static void problems_name_their_fields(void **state)
{
    struct request request = {.route = &detail_route};
    error_field(&request.error, "task", "is missing");
    error_field(&request.error, "quantity", "must be \"small\"");
    assert_string_equal(send_simple(*state, &request).body,
                        "{\"detail\":\"Invalid request "
                        "parameters\",\"errors\":[{\"field\":\"task\",\"problem\":\"is missing\"},"
                        "{\"field\":\"quantity\",\"problem\":\"must be \\\"small\\\"\"}]}");
    request.route = &message_route;
    assert_string_equal(
        send_simple(*state, &request).body,
        "{\"error\":\"task is missing\",\"message\":\"task is missing\",\"code\":\"validation_error\","
        "\"details\":{\"errors\":[{\"field\":\"task\",\"problem\":\"is missing\"},"
        "{\"field\":\"quantity\",\"problem\":\"must be \\\"small\\\"\"}]}}");
}

static void a_head_request_gets_no_body(void **state)
{
    struct request request = {.route = &message_route, .method = "HEAD", .allow = "GET, OPTIONS"};
    error_set(&request.error, ERROR_METHOD_NOT_ALLOWED, "no");
    struct sent sent = send_simple(*state, &request);
    assert_int_equal(sent.status, 405);
    assert_string_equal(sent.body, "");
    check_has(sent.head, "Allow: GET, OPTIONS\r\n");
    check_has(sent.head, "\r\nContent-Type: application/json\r\n");
    check_has(sent.head, "\r\nContent-Length: ");
}

static void a_preflight_gets_204_and_no_body(void **state)
{
    struct request request = {
        .route = &detail_route, .method = "OPTIONS", .is_preflight = true, .allow = "POST, OPTIONS"};
    struct sent sent = send_simple(*state, &request);
    assert_int_equal(sent.status, 204);
    assert_string_equal(sent.body, "");
    assert_int_equal(strncmp(sent.head, "Status: 204 No Content\r\n", 24), 0);
    check_has(sent.head, "\r\nAllow: POST, OPTIONS\r\n");
    check_has(sent.head, "\r\nAccess-Control-Allow-Methods: GET,POST,PATCH,DELETE,OPTIONS\r\n");
    check_has(sent.head, "\r\nAccess-Control-Max-Age: 7200\r\n");
    check_has(sent.head, "\r\nVary: Origin\r\n");
    check_has(sent.head, "Authorization");
    check_lacks(sent.head, "Content-Length");
    check_lacks(sent.head, "Content-Type:");
}

static void without_a_list_everybody_or_nobody_may_read(void **state)
{
    static char none[] = "";
    struct request request = {.route = &message_route, .answer = "{}"};
    setenv("HTTP_ORIGIN", "https://shop.example", 1);
    const char *head = send_simple(*state, &request).head;
    check_has(head, "\r\nAccess-Control-Allow-Origin: *\r\n");
    check_has(head, "\r\nAccess-Control-Expose-Headers: X-Request-Id, Retry-After, ETag\r\n");
    check_lacks(head, "Vary");
    head = send_with(*state, &request, none).head;
    check_lacks(head, "Access-Control");
    check_lacks(head, "Vary");
    unsetenv("HTTP_ORIGIN");
    check_has(send_simple(*state, &request).head, "\r\nAccess-Control-Allow-Origin: *\r\n");
}

/* NULL: the caller has no origin. */
static const char *head_for(struct arena *arena, const char *origin, bool is_preflight, enum error_code code)
{
    static char list[] = "https://shop.example, http://localhost:3000";
    struct request request = {
        .route = &message_route, .answer = "{}", .is_preflight = is_preflight, .allow = "GET, OPTIONS"};
    if (code != ERROR_NONE)
        error_set(&request.error, code, "no");
    unsetenv("HTTP_ORIGIN");
    if (origin)
        setenv("HTTP_ORIGIN", origin, 1);
    const char *head = send_with(arena, &request, list).head;
    unsetenv("HTTP_ORIGIN");
    check_has(head, "\r\nVary: Origin\r\n");
    return head;
}

static void of_a_list_the_callers_own_origin_is_named(void **state)
{
    static const char *const strangers[] = {NULL,
                                            "",
                                            "*",
                                            "null",
                                            "https://shop.example.evil",
                                            "https://shop.example, *",
                                            "https://shop.exampl",
                                            "HTTPS://SHOP.EXAMPLE"};
    for (int preflight = 0; preflight < 2; preflight++) {
        for (int code = 0; code < (preflight ? 1 : 2); code++) {
            enum error_code error = code ? ERROR_INVALID_TOKEN : ERROR_NONE;
            check_has(head_for(*state, "https://shop.example", preflight, error),
                      "\r\nAccess-Control-Allow-Origin: https://shop.example\r\n");
            check_has(head_for(*state, "http://localhost:3000", preflight, error),
                      "\r\nAccess-Control-Allow-Origin: http://localhost:3000\r\n");
            for (size_t i = 0; i < COUNT(strangers); i++)
                check_lacks(head_for(*state, strangers[i], preflight, error), "Access-Control");
        }
    }
}

/* Every line is "Name: value", and nothing of an answer's text can begin one. */
static void heads_are_well_formed(void **state)
{
    struct request request = {.route = &message_route, .answer = "{}"};
    char *head = send_simple(*state, &request).head;
    for (char *line; *head && (line = head);) {
        head = strstr(line, "\r\n");
        assert_non_null(head);
        size_t name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");
        assert_true(name > 0 && line[name] == ':' && line[name + 1] == ' ');
        assert_null(memchr(line, '\n', (size_t)(head - line)));
        head += 2;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(an_answer),
        ARENA_TEST(a_long_answer),
        ARENA_TEST(the_three_texts_of_the_first_document),
        ARENA_TEST(the_unversioned_shape),
        ARENA_TEST(the_shape_below_v1),
        ARENA_TEST(the_shape_of_oauth),
        ARENA_TEST(what_may_be_kept),
        ARENA_TEST(problems_name_their_fields),
        ARENA_TEST(a_head_request_gets_no_body),
        ARENA_TEST(a_preflight_gets_204_and_no_body),
        ARENA_TEST(without_a_list_everybody_or_nobody_may_read),
        ARENA_TEST(of_a_list_the_callers_own_origin_is_named),
        ARENA_TEST(heads_are_well_formed),
    };
    return cmocka_run_group_tests_name("request/send_response", tests, cgi_open, cgi_close);
}
