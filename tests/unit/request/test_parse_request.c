/* Addresses, routes, and what the head says of a body. */
#include "fixture.h"

#include "request/parse_request.h"

/* path NULL: not plain, or not below the base. */
static void check_uri(struct arena *arena, const char *uri, const char *base, const char *path,
                      const char *query)
{
    char *got_path = NULL, *got_query = NULL;
    bool good = parse_uri(arena, uri, base, &got_path, &got_query);
    if (good != (path != NULL))
        fail_msg("\"%s\" below \"%s\" was %s", uri, base, good ? "taken" : "refused");
    if (!good)
        return;
    assert_string_equal(got_path, path);
    assert_string_equal(got_query, query);
}

static void plain_addresses(void **state)
{
    struct arena *arena = *state;
    check_uri(arena, "/", "", "/", "");
    check_uri(arena, "/recommendations", "", "/recommendations", "");
    check_uri(arena, "/recommendations?", "", "/recommendations", "");
    check_uri(arena, "/a/b?x=1&y=%2F/../?", "", "/a/b", "x=1&y=%2F/../?");
    check_uri(arena, "/a.b/-._~/...", "", "/a.b/-._~/...", "");
    check_uri(arena, "/.well-known", "", "/.well-known", "");
}

static void absolute_addresses(void **state)
{
    struct arena *arena = *state;
    check_uri(arena, "http://localhost/a?b", "", "/a", "b");
    check_uri(arena, "HTTPS://host.example:5051/a/b", "", "/a/b", "");
    check_uri(arena, "http://user@[::1]:80/a", "", "/a", "");
    check_uri(arena, "http://host/shop/a", "/shop", "/a", "");
    check_uri(arena, "http://host", "", NULL, NULL);
    check_uri(arena, "http://host?x=/a", "", NULL, NULL);
    check_uri(arena, "http://host//a", "", NULL, NULL);
    check_uri(arena, "http://", "", NULL, NULL);
    check_uri(arena, "ftp://host/a", "", NULL, NULL);
}

static void paths_that_are_not_plain(void **state)
{
    static const char *const bad[] = {"",        "a",    "a/b",  "*",         "//",    "//a",   "/a//b",
                                      "/a/",     "/./a", "/a/.", "/a/./b",    "/..",   "/../a", "/a/..",
                                      "/a/../b", "/.",   "/a b", "/\xC3\xA4", "/a\nb", "?x",    "/a/?x=1"};
    for (size_t i = 0; i < COUNT(bad); i++)
        check_uri(*state, bad[i], "", NULL, NULL);
}

/* Only an id may need it, and is decoded when its route is known. */
static void escapes_are_left_alone(void **state)
{
    check_uri(*state, "/items/a%2Fb", "", "/items/a%2Fb", "");
    check_uri(*state, "/a%00;b=1:c@d+e", "", "/a%00;b=1:c@d+e", "");
}

static void paths_below_a_base(void **state)
{
    struct arena *arena = *state;
    check_uri(arena, "/shop/recommendations?x", "/shop", "/recommendations", "x");
    check_uri(arena, "/a/b/c", "/a/b", "/c", "");
    check_uri(arena, "/shop", "/shop", NULL, NULL);
    check_uri(arena, "/shop/", "/shop", NULL, NULL);
    check_uri(arena, "/shopping/x", "/shop", NULL, NULL);
    check_uri(arena, "/recommendations", "/shop", NULL, NULL);
    check_uri(arena, "/Shop/x", "/shop", NULL, NULL);
    check_uri(arena, "/x/shop/y", "/shop", NULL, NULL);
    check_uri(arena, "/sho", "/shop", NULL, NULL);
}

/* ---- Whole requests. */

static bool unused(struct worker *worker, struct request *request)
{
    (void)worker;
    (void)request;
    return false;
}

static const struct route routes[] = {
    {"POST", "/both", unused, unused, ACCESS_TOKEN, STYLE_DETAIL, BODY_MERGED},
    {"GET", "/both", unused, unused, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/one", unused, unused, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/list", unused, unused, ACCESS_WRITE, STYLE_OBJECT, BODY_LIST},
    {"GET", "/list/exact", unused, unused, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"GET", "/list/{id}", unused, unused, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"DELETE", "/list/{id}", unused, unused, ACCESS_WRITE, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/secret", unused, unused, ACCESS_OPEN, STYLE_OAUTH, BODY_ALONE},
    {"GET", "/nothing", unused, unused, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {0}};

static struct request parse(struct arena *arena)
{
    static struct config config;
    config = config_hs256();
    struct worker worker = {.config = &config, .arena = arena, .routes = routes};
    struct request request = {.arena = arena, .transport = fixture_transport};
    bool good = parse_request(&worker, &request);
    assert_int_equal(good, request.error.code == ERROR_NONE);
    assert_true(*request.id);
    return request;
}

static void check_refused(struct arena *arena, enum error_code code)
{
    struct request request = parse(arena);
    if (request.error.code != code)
        fail_msg("%s, not %s", error_name(request.error.code), error_name(code));
}

static void check_path_id(struct arena *arena, const char *path, const char *id)
{
    cgi_json("GET", path, "");
    struct request request = parse(arena);
    assert_int_equal(request.error.code, ERROR_NONE);
    if (id)
        assert_string_equal(request.path_id, id);
    else
        assert_null(request.path_id);
}

static void a_path_may_end_with_an_id(void **state)
{
    check_path_id(*state, "/list/exact", NULL);
    check_path_id(*state, "/list/exactly", "exactly");
    check_path_id(*state, "/list/7", "7");
    check_path_id(*state, "/list/a%2Fb+c%20d", "a/b+c d");
    check_path_id(*state, "/list/{id}", "{id}"); /* the pattern itself is no exact path */
    cgi_json("DELETE", "/list/7", "");
    struct request request = parse(*state);
    assert_ptr_equal(request.route, &routes[6]);
    cgi_json("DELETE", "/list/exact", ""); /* the exact path has only GET: an id may be called like it */
    request = parse(*state);
    assert_ptr_equal(request.route, &routes[6]);
    assert_string_equal(request.path_id, "exact");
    cgi_json("PUT", "/list/exact", "");
    request = parse(*state);
    assert_int_equal(request.error.code, ERROR_METHOD_NOT_ALLOWED);
    assert_string_equal(request.allow, "GET, DELETE, OPTIONS");
    cgi_json("PUT", "/list/7", "");
    request = parse(*state);
    assert_int_equal(request.error.code, ERROR_METHOD_NOT_ALLOWED);
    assert_string_equal(request.allow, "GET, DELETE, OPTIONS");
    static const char *const broken[] = {"/list/%", "/list/%zz", "/list/%00", "/list/%FF"};
    for (size_t i = 0; i < COUNT(broken); i++) {
        cgi_json("GET", broken[i], "");
        check_refused(*state, ERROR_INVALID_ID);
    }
    cgi_json("GET", "/list/7/8", "");
    check_refused(*state, ERROR_NOT_FOUND);
}

static void bodies_have_one_of_two_types(void **state)
{
    struct arena *arena = *state;
    static const char *const good[] = {"application/json",
                                       "Application/JSON;charset=utf-8",
                                       "application/json ; x",
                                       "",
                                       NULL,
                                       "application/x-www-form-urlencoded",
                                       "application/x-www-form-urlencoded; charset=UTF-8"};
    static const char *const bad[] = {"text/plain", "application/jsonx", "application/json,text/plain",
                                      "multipart/form-data; boundary=x"};
    for (size_t i = 0; i < COUNT(good); i++) {
        cgi_json("POST", "/both", "{}");
        if (good[i])
            setenv("CONTENT_TYPE", good[i], 1);
        else
            unsetenv("CONTENT_TYPE");
        check_refused(arena, ERROR_NONE);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        cgi_json("POST", "/both", "{}");
        setenv("CONTENT_TYPE", bad[i], 1);
        check_refused(arena, ERROR_UNSUPPORTED_TYPE);
        cgi_json("POST", "/both", ""); /* without a body the type does not matter */
        setenv("CONTENT_TYPE", bad[i], 1);
        check_refused(arena, ERROR_NONE);
        cgi_json("GET", "/nothing", "{}"); /* nor where it is not looked at */
        setenv("CONTENT_TYPE", bad[i], 1);
        check_refused(arena, ERROR_NONE);
    }
}

static void an_encoded_body_is_refused_by_its_name(void **state)
{
    static const char *const good[] = {"", "identity", "Identity", " "}, *const bad[] = {"gzip", "br", "zstd",
                                                                                         "gzip, identity",
                                                                                         "x-gzip"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(good); i++) {
        cgi_json("POST", "/both", "{}");
        setenv("HTTP_CONTENT_ENCODING", good[i], 1);
        check_refused(arena, ERROR_NONE);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        cgi_json("POST", "/both", "{}");
        setenv("HTTP_CONTENT_ENCODING", bad[i], 1);
        struct request request = parse(arena);
        assert_int_equal(request.error.code, ERROR_UNSUPPORTED_TYPE);
        assert_non_null(strstr(request.error.message, bad[i]));
        cgi_json("POST", "/both", ""); /* without a body it does not matter */
        setenv("HTTP_CONTENT_ENCODING", bad[i], 1);
        check_refused(arena, ERROR_NONE);
    }
    unsetenv("HTTP_CONTENT_ENCODING");
}

/* The body is not there: its length is a promise. */
static void check_length(struct arena *arena, const char *method, const char *path, long length,
                         enum error_code code)
{
    cgi_json(method, path, "");
    setenv("CONTENT_LENGTH", arena_format(arena, "%ld", length), 1);
    check_refused(arena, code);
}

static void lengths_are_judged_by_the_promise(void **state)
{
    static const struct {
        const char *method, *path;
        long limit;
    } routes_with_bodies[] = {{"POST", "/both", LIMIT_BODY_BYTES},
                              {"POST", "/list", LIMIT_LIST_BODY_BYTES},
                              {"POST", "/secret", LIMIT_CREDENTIALS_BYTES}};
    for (size_t i = 0; i < COUNT(routes_with_bodies); i++) {
        long limit = routes_with_bodies[i].limit;
        const char *method = routes_with_bodies[i].method, *path = routes_with_bodies[i].path;
        check_length(*state, method, path, limit, ERROR_NONE);
        check_length(*state, method, path, limit + 1, ERROR_BODY_TOO_LARGE);
        check_length(*state, method, path, -1, ERROR_INVALID_REQUEST);
    }
    check_length(*state, "GET", "/nothing", 1L << 40, ERROR_NONE);
}

static void routes_are_found_by_path_and_method(void **state)
{
    struct arena *arena = *state;
    cgi_json("GET", "/both", "");
    struct request request = parse(arena);
    assert_ptr_equal(request.route, &routes[1]);
    cgi_json("POST", "/both", "");
    request = parse(arena);
    assert_ptr_equal(request.route, &routes[0]);
    assert_string_equal(request.path, "/both");
}

static void other_paths_and_methods(void **state)
{
    static const char *const paths[] = {"/",       "/none", "/One",  "/one/", "/one/x",
                                        "/one%20", "/bot",  "//one", ""};
    static const char *const methods[] = {"PUT", "HEAD", "get", "", "TRACE", "POSTX", "DELETE"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        cgi_json("GET", paths[i], "");
        check_refused(arena, ERROR_NOT_FOUND);
    }
    for (size_t i = 0; i < COUNT(methods); i++) {
        cgi_json(methods[i], "/both", "");
        struct request request = parse(arena);
        assert_int_equal(request.error.code, ERROR_METHOD_NOT_ALLOWED);
        assert_string_equal(request.allow, "POST, GET, OPTIONS");
    }
    cgi_json("POST", "/one", "");
    struct request request = parse(arena);
    assert_int_equal(request.error.code, ERROR_METHOD_NOT_ALLOWED);
    assert_string_equal(request.allow, "GET, OPTIONS");
    assert_int_equal(request.route->style, STYLE_MESSAGE); /* the error has the endpoint's shape */
}

static void options_of_a_known_path_is_a_preflight(void **state)
{
    cgi_json("OPTIONS", "/both", "");
    struct request request = parse(*state);
    assert_int_equal(request.error.code, ERROR_NONE);
    assert_true(request.is_preflight);
    assert_string_equal(request.allow, "POST, GET, OPTIONS");
    cgi_json("OPTIONS", "/none", "");
    check_refused(*state, ERROR_NOT_FOUND);
}

static void addresses_have_a_limit(void **state)
{
    struct arena *arena = *state;
    const char *query = repeat(arena, 'x', LIMIT_URI_BYTES - strlen("/one?"));
    cgi_json("GET", arena_format(arena, "/one?%s", query), "");
    check_refused(arena, ERROR_NONE);
    cgi_json("GET", arena_format(arena, "/one?%sx", query), "");
    check_refused(arena, ERROR_URI_TOO_LONG);
    cgi_json("POST", arena_format(arena, "/both?%s", query), "");
    struct request request = parse(arena);
    assert_int_equal(request.error.code, ERROR_URI_TOO_LONG);
    assert_int_equal(request.route->style, STYLE_DETAIL); /* the error has the endpoint's shape */
    static const char *const others[] = {"/none?", "//", "", "/none"};
    for (size_t i = 0; i < COUNT(others); i++) {
        cgi_json("POST", arena_format(arena, "%s%sxxxxxx", others[i], query), "");
        request = parse(arena);
        assert_int_equal(request.error.code, ERROR_URI_TOO_LONG);
        assert_null(request.route);
        assert_true(strlen(request.path) <= LIMIT_URI_BYTES);
    }
    cgi_json("GET", "/one", "");
    unsetenv("REQUEST_URI");
    check_refused(arena, ERROR_INVALID_REQUEST);
    cgi_json("GET", "/one", "");
    unsetenv("REQUEST_METHOD");
    check_refused(arena, ERROR_INVALID_REQUEST);
}

static void the_callers_request_id_is_kept_where_it_is_fit(void **state)
{
    struct arena *arena = *state;
    const char *good[] = {"a", "order-7:x", repeat(arena, 'x', LIMIT_ID_CHARACTERS), "!~"};
    const char *bad[] = {"",         "a b",  "a\nSet-Cookie: x",
                         "\xC3\xA4", "\x7F", repeat(arena, 'x', LIMIT_ID_CHARACTERS + 1),
                         "a\r"};
    for (size_t i = 0; i < COUNT(good); i++) {
        cgi_json("GET", "/one", "");
        setenv("HTTP_X_REQUEST_ID", good[i], 1);
        assert_string_equal(parse(arena).id, good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        cgi_json("GET", "/one", "");
        setenv("HTTP_X_REQUEST_ID", bad[i], 1);
        struct request request = parse(arena);
        assert_int_equal(strlen(request.id), 36); /* a UUID */
        assert_string_not_equal(request.id, bad[i]);
    }
}

static void no_byte_of_a_body_is_read(void **state)
{
    char bytes[100];
    cgi_json("POST", "/list?a=%zz", "[{}]");
    check_refused(*state, ERROR_NONE);
    assert_int_equal(read(STDIN_FILENO, bytes, sizeof(bytes)), 4);
    cgi_json("POST", "/none", "{\"left\":\"unread\"}");
    check_refused(*state, ERROR_NOT_FOUND);
    assert_int_equal(read(STDIN_FILENO, bytes, sizeof(bytes)), 17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(plain_addresses),
        ARENA_TEST(absolute_addresses),
        ARENA_TEST(paths_that_are_not_plain),
        ARENA_TEST(escapes_are_left_alone),
        ARENA_TEST(paths_below_a_base),
        ARENA_TEST(a_path_may_end_with_an_id),
        ARENA_TEST(bodies_have_one_of_two_types),
        ARENA_TEST(an_encoded_body_is_refused_by_its_name),
        ARENA_TEST(lengths_are_judged_by_the_promise),
        ARENA_TEST(routes_are_found_by_path_and_method),
        ARENA_TEST(other_paths_and_methods),
        ARENA_TEST(options_of_a_known_path_is_a_preflight),
        ARENA_TEST(addresses_have_a_limit),
        ARENA_TEST(the_callers_request_id_is_kept_where_it_is_fit),
        ARENA_TEST(no_byte_of_a_body_is_read),
    };
    return cmocka_run_group_tests_name("request/parse_request", tests, cgi_open, cgi_close);
}
