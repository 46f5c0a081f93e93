/* The parameters of the first document: what must be there, its type, and every problem at once. */
#include "../../base/fixture.h"

#include "api/recommend/recommend.h"

/* fields: those that must be complained of, separated by blanks; "" means good. */
static void check(struct arena *arena, const char *json, const char *fields)
{
    struct worker worker = {0};
    struct request request = {.arena = arena, .merged = json_of(arena, json)};
    bool good = recommend_check(&worker, &request);
    const char *found = "";
    for (size_t i = 0; i < request.error.problem_count; i++)
        found = arena_format(arena, "%s%s%s", found, i ? " " : "", request.error.problems[i].field);
    if (strcmp(found, fields))
        fail_msg("%.200s: \"%s\", not \"%s\"", json, found, fields);
    assert_int_equal(good, !*fields);
    assert_int_equal(request.error.code, *fields ? ERROR_VALIDATION : ERROR_NONE);
    assert_true(!good || request.parameters);
}

static const char *with(struct arena *arena, const char *more)
{
    return arena_format(arena, "{\"sequence_data\":{},\"task\":\"t\",\"template\":\"personalized\"%s}", more);
}

static void three_fields_are_needed(void **state)
{
    struct arena *arena = *state;
    check(arena, with(arena, ""), "");
    check(arena, "{}", "sequence_data task template");
    check(arena, "{\"sequence_data\":{},\"task\":\"t\"}", "template");
    check(arena, "{\"sequence_data\":null,\"task\":null,\"template\":null}", "sequence_data task template");
    check(arena, "{\"task\":\"t\",\"template\":\"x\"}", "sequence_data");
    check(arena, "{\"sequence_data\":\"{}\",\"task\":7,\"template\":[\"x\"]}", "sequence_data task template");
    check(arena, "{\"sequence_data\":{},\"task\":\"\",\"template\":\"\"}", "task template");
}

static void texts_have_limits(void **state)
{
    struct arena *arena = *state;
    const char *most = repeat(arena, 'x', LIMIT_TASK_CHARACTERS),
               *more = repeat(arena, 'x', LIMIT_TASK_CHARACTERS + 1);
    const char *form = "{\"sequence_data\":{},\"task\":\"%s\",\"template\":\"%s\"}";
    check(arena, arena_format(arena, form, most, most), "");
    check(arena, arena_format(arena, form, more, most), "task");
    check(arena, arena_format(arena, form, most, more), "template");
    check(arena, arena_format(arena, form, "a\\nb", "x"), "task");
    check(arena,
          with(arena, arena_format(arena, ",\"user_id\":\"%s\"", repeat(arena, 'u', LIMIT_ID_CHARACTERS))),
          "");
    check(
        arena,
        with(arena, arena_format(arena, ",\"user_id\":\"%s\"", repeat(arena, 'u', LIMIT_ID_CHARACTERS + 1))),
        "user_id");
}

static void the_rest_is_optional(void **state)
{
    struct arena *arena = *state;
    check(arena, with(arena, ",\"user_id\":\"u\",\"quantity\":\"10\",\"unknown\":[1]"), "");
    check(arena, with(arena, ",\"user_id\":7"), "user_id");
    check(arena, with(arena, ",\"user_id\":\"\""), "user_id");
    check(arena, with(arena, ",\"user_id\":null"), "");
    check(arena, with(arena, ",\"quantity\":0"), "quantity");
    check(arena, with(arena, ",\"quantity\":101"), "quantity");
    check(arena, with(arena, ",\"limit\":\"ten\""), "limit");
    check(arena, with(arena, ",\"quantity\":100"), "");
}

static void every_problem_is_told(void **state)
{
    check(*state, "{\"sequence_data\":{\"browsing_history\":7},\"task\":1,\"quantity\":-1,\"user_id\":{}}",
          "sequence_data.browsing_history task template user_id quantity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(three_fields_are_needed),
        ARENA_TEST(texts_have_limits),
        ARENA_TEST(the_rest_is_optional),
        ARENA_TEST(every_problem_is_told),
    };
    return cmocka_run_group_tests_name("api/recommend", tests, NULL, NULL);
}
