/* Forms, and how query and body become one object. */
#include "fixture.h"

#include "base/json_list.h"
#include "request/parse_request.h"
#include "request/read_parameters.h"

/* json NULL: refused. */
static void check_form(struct arena *arena, const char *form, const char *json)
{
    struct error error = {0};
    struct json_object *object = json_keep(arena, json_object_new_object());
    bool good = parse_form(arena_copy_text(arena, form), object, &error);
    if (good != (json != NULL))
        fail_msg("\"%s\" was %s", form, good ? "taken" : "refused");
    if (good)
        assert_string_equal(json_text(object), json);
    else
        assert_int_equal(error.code, ERROR_INVALID_REQUEST);
}

static void forms(void **state)
{
    struct arena *arena = *state;
    check_form(arena, "", "{}");
    check_form(arena, "&&", "{}");
    check_form(arena, "a=1&b=two+words&c=%C3%A4%26", "{\"a\":\"1\",\"b\":\"two words\",\"c\":\"ä&\"}");
    check_form(arena, "a", "{\"a\":\"\"}");
    check_form(arena, "a=", "{\"a\":\"\"}");
    check_form(arena, "a=b=c", "{\"a\":\"b=c\"}");
    check_form(arena, "a%3Db=1", "{\"a=b\":\"1\"}");
    check_form(arena, "a=1&a=2", "{\"a\":\"2\"}");
    check_form(arena, "quantity=10;x=1", "{\"quantity\":\"10;x=1\"}");
    check_form(arena, "a=%", NULL);
    check_form(arena, "a=%zz", NULL);
    check_form(arena, "%=1", NULL);
    check_form(arena, "a=%00", NULL);
    check_form(arena, "a=1&b=%e", NULL);
    check_form(arena, "a=%FF", NULL);
    check_form(arena, "%C0%80=1", NULL);
    check_form(arena, "a=%ED%A0%80", NULL);
}

/* ---- Whole requests. */

static const struct route routes[] = {{"POST", "/both", NULL, NULL, ACCESS_TOKEN, STYLE_DETAIL, BODY_MERGED},
                                      {"GET", "/one", NULL, NULL, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
                                      {"POST", "/list", NULL, NULL, ACCESS_WRITE, STYLE_OBJECT, BODY_LIST},
                                      {"POST", "/secret", NULL, NULL, ACCESS_OPEN, STYLE_OAUTH, BODY_ALONE},
                                      {"GET", "/nothing", NULL, NULL, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
                                      {0}};

static struct request parse(struct arena *arena)
{
    static struct config config;
    config = config_hs256();
    struct worker worker = {.config = &config, .arena = arena, .routes = routes};
    struct request request = {.arena = arena, .transport = fixture_transport};
    bool good = parse_request(&worker, &request) && read_parameters(&worker, &request);
    assert_int_equal(good, request.error.code == ERROR_NONE);
    return request;
}

static void check_merged(struct arena *arena, const char *uri, const char *body, const char *merged)
{
    cgi_json("POST", uri, body);
    struct request request = parse(arena);
    if (request.error.code)
        fail_msg("refused: %s", request.error.message);
    assert_string_equal(json_text(request.merged), merged);
}

static void check_refused(struct arena *arena, enum error_code code)
{
    struct request request = parse(arena);
    if (request.error.code != code)
        fail_msg("%s, not %s", error_name(request.error.code), error_name(code));
}

static void the_body_wins_over_the_query(void **state)
{
    struct arena *arena = *state;
    check_merged(arena, "/both", "", "{}");
    check_merged(arena, "/both?a=1", "", "{\"a\":\"1\"}");
    check_merged(arena, "/both?a=1&b=2", "{\"a\":3,\"c\":[4]}", "{\"a\":3,\"b\":\"2\",\"c\":[4]}");
    check_merged(arena, "/both?a=1", "{\"a\":null}", "{\"a\":\"1\"}");
    check_merged(arena, "/both", "{\"a\":1,\"a\":2}", "{\"a\":2}");
    check_merged(arena, "/both?a=1&a=2", "{}", "{\"a\":\"2\"}");
    check_merged(arena, "/both?filter=a&x=1&filter=b&x=2&filter=", "",
                 "{\"filter\":[\"a\",\"b\",\"\"],\"x\":\"2\"}");
}

static void some_routes_take_lists(void **state)
{
    struct json_object *entry;
    cgi_json("POST", "/list?a=1", " [{\"b\":2}, 3]");
    struct request request = parse(*state);
    assert_int_equal(request.error.code, ERROR_NONE);
    assert_int_equal(request.list->count, 2);
    assert_null(request.body);
    assert_string_equal(json_text(request.merged), "{\"a\":\"1\"}");
    assert_true(request_next_entry(&request, &entry));
    assert_string_equal(json_text(entry), "{\"b\":2}");
    json_object_put(entry);
    cgi_json("POST", "/list?a=1", "{\"b\":2}");
    request = parse(*state);
    assert_null(request.list);
    assert_string_equal(json_text(request.body), "{\"b\":2}");
    assert_string_equal(json_text(request.merged), "{\"a\":\"1\",\"b\":2}");
    cgi_json("POST", "/list", "7");
    check_refused(*state, ERROR_INVALID_JSON);
    cgi_json("POST", "/list", "[1");
    check_refused(*state, ERROR_INVALID_JSON);
    cgi_json("POST", "/list", repeat(*state, ' ', LIMIT_LIST_BODY_BYTES + 1));
    check_refused(*state, ERROR_BODY_TOO_LARGE);
}

/* What is wrong with the text outweighs what was found wrong in the entries before. */
static void a_broken_entry_breaks_the_list(void **state)
{
    struct json_object *entry;
    cgi_json("POST", "/list", "[1,{]");
    struct request request = parse(*state);
    assert_int_equal(request.error.code, ERROR_INVALID_JSON);
    cgi_json("POST", "/list", "[1,{\"a\" 2}]");
    request = parse(*state);
    assert_true(request_next_entry(&request, &entry));
    json_object_put(entry);
    error_field(&request.error, "[0]", "must be an object");
    assert_false(request_next_entry(&request, &entry));
    assert_int_equal(request.error.code, ERROR_INVALID_JSON);
    assert_int_equal(request.error.problem_count, 0);
}

/* A body, of which the letters stand where the x is. */
static const char *filled(struct arena *arena, const char *head, size_t count, const char *tail)
{
    return arena_format(arena, "%s%s%s", head, repeat(arena, 'x', count), tail);
}

static void only_the_whole_of_a_list_may_be_large(void **state)
{
    enum { MOST = LIMIT_ENTRY_BYTES };
    cgi_json("POST", "/list", filled(*state, "[1,\"", MOST - 2, "\",2]"));
    check_refused(*state, ERROR_NONE);
    cgi_json("POST", "/list", filled(*state, "[1,\"", MOST - 1, "\",2]"));
    check_refused(*state, ERROR_BODY_TOO_LARGE);
    cgi_json("POST", "/list", filled(*state, "{\"a\":\"", MOST - 8, "\"}"));
    check_refused(*state, ERROR_NONE);
    cgi_json("POST", "/list", filled(*state, "{\"a\":\"", MOST - 7, "\"}"));
    check_refused(*state, ERROR_BODY_TOO_LARGE);
    cgi_json("POST", "/list", filled(*state, "a=", MOST - 1, ""));
    setenv("CONTENT_TYPE", "application/x-www-form-urlencoded", 1);
    check_refused(*state, ERROR_BODY_TOO_LARGE);
}

/* A form becomes a tree, too. */
static void a_form_has_so_many_parameters(void **state)
{
    enum { MOST = LIMIT_JSON_WEIGHT / 2 };
    char *form = repeat(*state, 'a', 2 * (MOST + 1));
    for (size_t i = 1; i < 2 * (MOST + 1); i += 2)
        form[i] = '&';
    for (int more = 0; more < 2; more++) {
        form[2 * (MOST + more) - 1] = '\0';
        cgi_json("POST", "/both", form);
        setenv("CONTENT_TYPE", "application/x-www-form-urlencoded", 1);
        check_refused(*state, more ? ERROR_INVALID_REQUEST : ERROR_NONE);
        form[2 * (MOST + more) - 1] = '&';
    }
}

static void bodies_are_read_by_their_type(void **state)
{
    struct arena *arena = *state;
    static const struct {
        const char *type;
        enum error_code json, form;
    } cases[] = {{"application/json", ERROR_NONE, ERROR_INVALID_JSON},
                 {"Application/JSON;charset=utf-8", ERROR_NONE, ERROR_INVALID_JSON},
                 {"application/json ; x", ERROR_NONE, ERROR_INVALID_JSON},
                 {"", ERROR_NONE, ERROR_INVALID_JSON},
                 {NULL, ERROR_NONE, ERROR_INVALID_JSON},
                 {"application/x-www-form-urlencoded", ERROR_NONE, ERROR_NONE},
                 {"application/x-www-form-urlencoded; charset=UTF-8", ERROR_NONE, ERROR_NONE},
                 {"text/plain", ERROR_UNSUPPORTED_TYPE, ERROR_UNSUPPORTED_TYPE},
                 {"application/jsonx", ERROR_UNSUPPORTED_TYPE, ERROR_UNSUPPORTED_TYPE},
                 {"application/json,text/plain", ERROR_UNSUPPORTED_TYPE, ERROR_UNSUPPORTED_TYPE},
                 {"multipart/form-data; boundary=x", ERROR_UNSUPPORTED_TYPE, ERROR_UNSUPPORTED_TYPE}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int form = 0; form < 2; form++) {
            cgi_json("POST", "/both", form ? "a=1&b=2" : "{\"a\":\"1\"}");
            if (cases[i].type)
                setenv("CONTENT_TYPE", cases[i].type, 1);
            else
                unsetenv("CONTENT_TYPE");
            check_refused(arena, form ? cases[i].form : cases[i].json);
        }
        cgi_json("POST", "/both", ""); /* without a body the type does not matter */
        setenv("CONTENT_TYPE", cases[i].type ? cases[i].type : "", 1);
        check_refused(arena, ERROR_NONE);
    }
}

static void bodies_that_are_no_object(void **state)
{
    static const char *const bad[] = {
        "[]", "null", "7", "\"text\"", "{", "{}x", " ", "{\"a\":\"\xFF\"}", "{\"a\":1e999}"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        cgi_json("POST", "/both", bad[i]);
        check_refused(*state, ERROR_INVALID_JSON);
    }
    cgi_json("POST", "/both", "a=1");
    cgi_body("a=\0", 3);
    setenv("CONTENT_TYPE", "application/x-www-form-urlencoded", 1);
    check_refused(*state, ERROR_INVALID_REQUEST);
}

static void a_broken_query_is_refused(void **state)
{
    cgi_json("GET", "/one?a=%zz", "");
    check_refused(*state, ERROR_INVALID_REQUEST);
    cgi_json("GET", "/one?a=%FF", "{}");
    check_refused(*state, ERROR_INVALID_REQUEST);
}

static void of_secrets_only_the_body_counts(void **state)
{
    cgi_json("POST", "/secret?a=1&b=%zz", "{\"c\":2}");
    struct request request = parse(*state);
    assert_string_equal(json_text(request.merged), "{\"c\":2}");
}

static void a_body_that_nobody_wants_is_not_looked_at(void **state)
{
    char bytes[100];
    cgi_json("GET", "/nothing?a=1", "{{{");
    struct request request = parse(*state);
    assert_int_equal(request.error.code, ERROR_NONE);
    assert_string_equal(json_text(request.merged), "{\"a\":\"1\"}");
    assert_int_equal(read(STDIN_FILENO, bytes, sizeof(bytes)), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(forms),
        ARENA_TEST(the_body_wins_over_the_query),
        ARENA_TEST(some_routes_take_lists),
        ARENA_TEST(a_broken_entry_breaks_the_list),
        ARENA_TEST(only_the_whole_of_a_list_may_be_large),
        ARENA_TEST(a_form_has_so_many_parameters),
        ARENA_TEST(bodies_are_read_by_their_type),
        ARENA_TEST(bodies_that_are_no_object),
        ARENA_TEST(a_broken_query_is_refused),
        ARENA_TEST(of_secrets_only_the_body_counts),
        ARENA_TEST(a_body_that_nobody_wants_is_not_looked_at),
    };
    return cmocka_run_group_tests_name("request/read_parameters", tests, cgi_open, cgi_close);
}
