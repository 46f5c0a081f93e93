/* POST /v1/events before the database is asked: the body's shape, limits, and what becomes of bad entries. */
#include "../../recommender/fixture.h"

#include "api/events/events.h"
#include "base/json_list.h"
#include "base/json_write.h"

#define GOOD "{\"user_id\":\"u\",\"item_id\":\"i\",\"type\":\"view\"}"

static struct request request_of(struct arena *arena, const char *json)
{
    struct request request = {.arena = arena, .path = "/v1/events"};
    const char *problem;
    if (json_list_begins(json, strlen(json))) {
        request.list = arena_alloc(arena, 1, sizeof(*request.list));
        assert_true(json_list_open(arena_copy_text(arena, json), strlen(json), request.list, &problem));
    } else {
        request.merged = json_of(arena, json);
    }
    return request;
}

static void check(struct arena *arena, const char *json, enum error_code code)
{
    struct worker worker = {0};
    struct request request = request_of(arena, json);
    bool good = events_check(&worker, &request);
    if (request.error.code != code || good != (code == ERROR_NONE))
        fail_msg("%.200s: %s", json, error_name(request.error.code));
}

static const char *list_of(struct arena *arena, size_t count)
{
    const char *text = GOOD;
    for (size_t i = 1; i < count; i++)
        text = arena_format(arena, "%s," GOOD, text);
    return arena_format(arena, "[%s]", text);
}

static void bodies(void **state)
{
    check(*state, GOOD, ERROR_NONE);
    check(*state, "{}", ERROR_PARAMETER_MISSING);
    check(*state, "{\"user_id\":1,\"item_id\":[],\"type\":1}", ERROR_VALIDATION);
    check(*state, "[]", ERROR_VALIDATION);
    check(*state, "[null,7,{}," GOOD "]", ERROR_NONE);
    check(*state, "[{\"user_id\":[]},{\"a\" 1}]", ERROR_INVALID_JSON);
    check(*state, list_of(*state, LIMIT_EVENT_BATCH), ERROR_NONE);
    check(*state, list_of(*state, LIMIT_EVENT_BATCH + 1), ERROR_BATCH_SIZE);
}

static bool gather(void *context, const char *bytes, size_t length)
{
    strncat(context, bytes, length);
    return true;
}

static void a_list_of_bad_entries_needs_no_database(void **state)
{
    struct worker worker = {.config = (struct config *)(uintptr_t)config_of_nothing()};
    struct request request = request_of(*state, "[null,{\"user_id\":\"u\"}]");
    assert_true(events_check(&worker, &request));
    assert_true(events_answer(&worker, &request));
    char *text = arena_alloc(*state, json_writer_length(request.long_answer) + 1, 1);
    assert_true(json_writer_send(request.long_answer, gather, text));
    struct json_object *answer = json_of(*state, text);
    assert_int_equal(json_object_get_int(json_member(answer, "processed")), 2);
    assert_int_equal(json_object_get_int(json_member(answer, "inserted")), 0);
    assert_int_equal(json_object_array_length(json_member(answer, "errors")), 2);
    assert_false(json_object_get_boolean(json_member(answer, "success")));
}

static void without_a_database_it_is_an_error(void **state)
{
    struct worker worker = {.config = (struct config *)(uintptr_t)config_of_nothing()};
    worker.db = database_create(worker.config);
    struct request request = request_of(*state, GOOD);
    assert_true(events_check(&worker, &request));
    assert_false(events_answer(&worker, &request));
    assert_int_equal(request.error.code, ERROR_DATABASE);
    assert_null(request.long_answer);
    database_destroy(worker.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(bodies),
        ARENA_TEST(a_list_of_bad_entries_needs_no_database),
        ARENA_TEST(without_a_database_it_is_an_error),
    };
    return cmocka_run_group_tests_name("api/events", tests, NULL, NULL);
}
