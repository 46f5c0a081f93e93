/* Lists of events: their parameters, and what an event's id looks like. */
#include "../../base/fixture.h"

#include "api/events/list.h"

static void ids(void **state)
{
    static const char *const good[] = {"1", "evt_1", "9223372036854775807"};
    static const char *const bad[] = {"",
                                      "0",
                                      "01",
                                      "-1",
                                      "+1",
                                      "1 ",
                                      " 1",
                                      "1.0",
                                      "evt_",
                                      "evt_0",
                                      "evt_evt_1",
                                      "itm_1",
                                      "9223372036854775808",
                                      "x"};
    uint64_t id;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(event_id_parse(good[i], &id) && id > 0);
    assert_true(event_id_parse("evt_42", &id) && id == 42);
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (event_id_parse(bad[i], &id))
            fail_msg("taken: %s", bad[i]);
    }
}

static void check(struct arena *arena, const char *json, enum error_code code)
{
    struct worker worker = {0};
    struct request request = {.arena = arena, .merged = json_of(arena, json)};
    bool good = events_list_check(&worker, &request);
    if (request.error.code != code || good != (code == ERROR_NONE))
        fail_msg("%s: %s", json, error_name(request.error.code));
}

static void parameters(void **state)
{
    check(*state, "{}", ERROR_NONE);
    check(*state, "{\"limit\":\"100\",\"order\":\"desc\",\"starting_after\":5,\"type\":3,\"user_id\":7}",
          ERROR_NONE);
    check(*state, "{\"occurred_after\":\"2024-06-01\",\"occurred_before\":1717200000}", ERROR_NONE);
    check(*state, "{\"limit\":0}", ERROR_INVALID_LIMIT);
    check(*state, "{\"starting_after\":\"x\"}", ERROR_INVALID_CURSOR);
    check(*state, "{\"starting_after\":{}}", ERROR_VALIDATION);
    check(*state, "{\"order\":\"up\"}", ERROR_VALIDATION);
    check(*state, "{\"user_id\":[]}", ERROR_VALIDATION);
    check(*state, "{\"type\":\"\",\"limit\":\"\"}", ERROR_NONE);
    check(*state, "{\"user_id\":\"\"}", ERROR_VALIDATION);
    check(*state, "{\"occurred_before\":\"soon\"}", ERROR_VALIDATION);
    check(*state, "{\"occurred_after\":0}", ERROR_NONE);
    check(*state, "{\"occurred_after\":\"0\"}", ERROR_NONE);
    check(*state, "{\"occurred_after\":81}", ERROR_VALIDATION);
}

static void an_id_of_no_event_is_refused(void **state)
{
    struct worker worker = {0};
    struct request request = {.arena = *state, .path_id = "itm_5"};
    assert_false(event_read_check(&worker, &request));
    assert_int_equal(request.error.code, ERROR_INVALID_ID);
    request = (struct request){.arena = *state, .path_id = "evt_5"};
    assert_true(event_read_check(&worker, &request));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(ids),
        ARENA_TEST(parameters),
        ARENA_TEST(an_id_of_no_event_is_refused),
    };
    return cmocka_run_group_tests_name("api/events_list", tests, NULL, NULL);
}
