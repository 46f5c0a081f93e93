/* The steps of a request: their order, that it stops at the first error, and that it always answers and logs.
 */
#include "fixture.h"

#include "base/json_write.h"
#include "base/log.h"
#include "base/read_file.h"
#include "request/request.h"
#include "token/claims.h"

static int checked, answered;

static bool check(struct worker *worker, struct request *request)
{
    (void)worker;
    checked++;
    if (json_member(request->merged, "bad"))
        return error_field(&request->error, "bad", "must not be there");
    return true;
}

static bool answer(struct worker *worker, struct request *request)
{
    (void)worker;
    answered++;
    request->answer = "{}";
    return true;
}

static const struct route routes[] = {
    {"POST", "/open", check, answer, ACCESS_TOKEN, STYLE_DETAIL, BODY_MERGED},
    {"GET", "/read", check, answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {0}};

struct world {
    struct arena *arena; /* of the test; the worker has its own */
    struct config config;
    struct worker worker;
    const char *folder, *log;
};

static int setup(void **state)
{
    static struct world world;
    char problem[200];
    world.arena = arena_create();
    world.config = config_hs256();
    world.worker =
        (struct worker){.config = &world.config,
                        .db = database_create(&world.config),
                        .arena = arena_create(),
                        .routes = routes,
                        .verifier = token_verifier_create(&world.config, problem, sizeof(problem))};
    world.folder = folder_create(world.arena);
    world.log = text_write(world.arena, world.folder, "log", "");
    log_open(world.log);
    checked = answered = 0;
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"log"};
    struct world *world = *state;
    log_open("");
    folder_remove(world->arena, world->folder, names, COUNT(names));
    database_destroy(world->worker.db);
    token_verifier_destroy(world->worker.verifier);
    arena_destroy(world->worker.arena);
    arena_destroy(world->arena);
    return 0;
}

#define PIPELINE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const char *good_token(struct world *world)
{
    return token_of(world->arena, FIXTURE_HEADER, "{\"client_id\":\"shop\",\"exp\":99999999999}");
}

/* Serves what the environment holds; the status and what was logged. */
static const char *serve(struct world *world, const char *token)
{
    if (token)
        setenv("HTTP_AUTHORIZATION", arena_format(world->arena, "Bearer %s", token), 1);
    cgi_catch_output();
    request_serve(&world->worker, fixture_transport);
    const char *output = cgi_output(world->arena);
    assert_int_equal(strncmp(output, "Status: ", 8), 0);
    assert_int_equal(arena_used(world->worker.arena), 0);
    return arena_copy_bytes(world->arena, output + 8, 3);
}

static const char *logged(struct world *world)
{
    char problem[200];
    size_t length;
    char *text = read_file(world->log, 1000000, &length, problem, sizeof(problem));
    assert_non_null(text);
    arena_defer(world->arena, memory_free, text);
    return text;
}

static void a_bad_request_needs_no_token(void **state)
{
    cgi_json("POST", "/open", "not json");
    setenv("CONTENT_TYPE", "text/plain", 1);
    assert_string_equal(serve(*state, NULL), "415");
    cgi_json("POST", "/open", "");
    setenv("CONTENT_LENGTH", "9999999", 1);
    assert_string_equal(serve(*state, NULL), "413");
    cgi_json("GET", "/absent", "");
    assert_string_equal(serve(*state, NULL), "404");
    cgi_json("PUT", "/open", "");
    assert_string_equal(serve(*state, NULL), "405");
    assert_int_equal(checked, 0);
}

static void a_bad_token_reaches_no_check(void **state)
{
    cgi_json("POST", "/open", "{\"bad\":1}");
    assert_string_equal(serve(*state, NULL), "401");
    cgi_json("POST", "/open", "{\"bad\":1}");
    assert_string_equal(serve(*state, "a.b.c"), "401");
    cgi_json("GET", "/read", "{\"bad\":1}");
    assert_string_equal(serve(*state, good_token(*state)), "403");
    assert_int_equal(checked, 0);
}

/* A body costs what its sender has no right to ask for; it is read to its end all the same. */
static void a_bad_token_has_no_body_parsed(void **state)
{
    static const char *const bodies[] = {"{\"bad\":1}", "not json", "[{},{}]", "\xFF"};
    char byte;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        cgi_json("POST", "/open?x=%zz", bodies[i]);
        assert_string_equal(serve(*state, "a.b.c"), "401");
        assert_int_equal(read(STDIN_FILENO, &byte, 1), 0);
        cgi_json("GET", "/read", bodies[i]);
        assert_string_equal(serve(*state, good_token(*state)), "403");
        assert_int_equal(read(STDIN_FILENO, &byte, 1), 0);
    }
    assert_non_null(strstr(logged(*state), " body=0 "));
}

static void a_request_without_a_route_is_read_to_its_end(void **state)
{
    char byte;
    cgi_json("POST", "/absent", "{\"left\":\"unread\"}");
    assert_string_equal(serve(*state, NULL), "404");
    assert_int_equal(read(STDIN_FILENO, &byte, 1), 0);
}

/* There is no database here: what costs no query gets its 4xx all the same. */
static void bad_parameters_cost_no_query(void **state)
{
    struct world *world = *state;
    cgi_json("POST", "/open", "{\"bad\":1}");
    assert_string_equal(serve(world, good_token(world)), "400");
    assert_int_equal(checked, 1);
    assert_false(database_is_connected(world->worker.db));
}

static void without_a_tenant_nothing_is_answered(void **state)
{
    struct world *world = *state;
    cgi_json("POST", "/open", "{}");
    assert_string_equal(serve(world, good_token(world)), "500");
    assert_int_equal(checked, 1);
    assert_int_equal(answered, 0);
}

static void a_preflight_needs_no_token(void **state)
{
    cgi_json("OPTIONS", "/read", "");
    assert_string_equal(serve(*state, NULL), "204");
    assert_int_equal(checked, 0);
}

static void each_request_logs_one_line(void **state)
{
    struct world *world = *state;
    cgi_json("POST", "/open", "{\"task\":\"sesame\"}");
    setenv("HTTP_X_REQUEST_ID", "request-1", 1);
    const char *token = good_token(world);
    serve(world, token);
    const char *log = logged(world);
    assert_int_equal(strchr(log, '\n') - log, (ptrdiff_t)strlen(log) - 1);
    assert_non_null(strstr(log, "POST /open 500 id=request-1"));
    assert_non_null(strstr(log, "error=internal_error"));
    /* Never a token or a body. */
    assert_null(strstr(log, token));
    assert_null(strstr(log, "sesame"));
    cgi_json("POST", "/open", "");
    serve(world, "forged.forged.forged");
    log = logged(world);
    assert_non_null(strstr(log, "401"));
    assert_null(strstr(log, "forged"));
}

/* However long an address is, its line tells the outcome. */
static void a_long_path_does_not_hide_the_outcome(void **state)
{
    struct world *world = *state;
    cgi_json("GET", arena_format(world->arena, "/%s", repeat(world->arena, 'x', 8000)), "");
    setenv("HTTP_X_REQUEST_ID", "request-2", 1);
    assert_string_equal(serve(world, NULL), "404");
    assert_non_null(strstr(logged(world), " 404 id=request-2"));
}

static void an_answer_is_text_that_outlives_its_value(void **state)
{
    struct world *world = *state;
    struct request request = {.arena = world->arena};
    struct json_object *value = json_object_new_object();
    struct json_writer *writer = json_writer_create(request.arena);
    json_object_object_add(value, "a", json_object_new_int(1));
    json_writer_json(writer, NULL, value);
    request.answer = json_writer_result(writer);
    json_object_put(value);
    assert_string_equal(request.answer, "{\"a\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PIPELINE_TEST(a_bad_request_needs_no_token),
        PIPELINE_TEST(a_bad_token_reaches_no_check),
        PIPELINE_TEST(a_bad_token_has_no_body_parsed),
        PIPELINE_TEST(a_request_without_a_route_is_read_to_its_end),
        PIPELINE_TEST(bad_parameters_cost_no_query),
        PIPELINE_TEST(without_a_tenant_nothing_is_answered),
        PIPELINE_TEST(a_preflight_needs_no_token),
        PIPELINE_TEST(each_request_logs_one_line),
        PIPELINE_TEST(a_long_path_does_not_hide_the_outcome),
        PIPELINE_TEST(an_answer_is_text_that_outlives_its_value),
    };
    return cmocka_run_group_tests_name("request/pipeline", tests, cgi_open, cgi_close);
}
