/* The parameters of the second document: types, limits, and the fall-back to the token's subject. */
#include "../../base/fixture.h"

#include "api/recommend/recommendations.h"

static void check_as(struct arena *arena, const char *subject, const char *json, const char *fields)
{
    struct worker worker = {0};
    struct request request = {.arena = arena, .merged = json_of(arena, json), .claims = {.subject = subject}};
    bool good = recommendations_check(&worker, &request);
    const char *found = "";
    for (size_t i = 0; i < request.error.problem_count; i++)
        found = arena_format(arena, "%s%s%s", found, i ? " " : "", request.error.problems[i].field);
    if (strcmp(found, fields))
        fail_msg("%.200s: \"%s\", not \"%s\"", json, found, fields);
    assert_int_equal(good, !*fields);
    assert_true(!good || request.parameters);
}

static void check(struct arena *arena, const char *json, const char *fields)
{
    check_as(arena, "subject", json, fields);
}

static void a_user_comes_from_the_call_or_the_token(void **state)
{
    struct arena *arena = *state;
    check(arena, "{}", "");
    check_as(arena, NULL, "{}", "user_id");
    check_as(arena, NULL, "{\"user_id\":null}", "user_id");
    check_as(arena, NULL, "{\"user_id\":\"u\"}", "");
    check(arena, "{\"user_id\":\"it's 100% \\\"fine\\\"\"}", "");
    check(arena, "{\"user_id\":7}", "user_id");
    check(arena, "{\"user_id\":\"\"}", "user_id");
    check(arena, "{\"user_id\":\"a\\nb\"}", "user_id");
    check(arena, "{\"user_id\":[\"u\"]}", "user_id");
    check(arena, arena_format(arena, "{\"user_id\":\"%s\"}", repeat(arena, 'u', LIMIT_ID_CHARACTERS)), "");
    check(arena, arena_format(arena, "{\"user_id\":\"%s\"}", repeat(arena, 'u', LIMIT_ID_CHARACTERS + 1)),
          "user_id");
}

static void contexts_are_numbers_or_keys(void **state)
{
    struct arena *arena = *state;
    static const char *const good[] = {"101",        "\"101\"", "\"ctx_101\"", "\"home-page\"", "101.0",
                                       "4294967295", "1"};
    static const char *const bad[] = {"0",     "-1", "1.5",  "4294967296", "1e300",
                                      "[101]", "{}", "true", "\"a\\tb\""};
    for (size_t i = 0; i < COUNT(good); i++) {
        check(arena, arena_format(arena, "{\"context_id\":%s}", good[i]), "");
        check(arena, arena_format(arena, "{\"context_key\":%s}", good[i]), "");
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        check(arena, arena_format(arena, "{\"context_id\":%s}", bad[i]), "context_id");
        check(arena, arena_format(arena, "{\"context_key\":%s}", bad[i]), "context_key");
    }
    check(arena, "{\"context_id\":\"\",\"context_key\":\" \"}", ""); /* not filled in */
    const char *key = repeat(arena, 'k', LIMIT_CONTEXT_KEY_CHARACTERS);
    check(arena, arena_format(arena, "{\"context_id\":\"%s\"}", key), "");
    check(arena, arena_format(arena, "{\"context_id\":\"%sk\"}", key), "context_id");
}

static void entity_types(void **state)
{
    struct arena *arena = *state;
    static const char *const bad[] = {"\"user\"", "\"ITEM\"", "7", "[\"Item\"]", "\"Items\""};
    check(arena, "{\"entity_type\":\"User\"}", "");
    check(arena, "{\"entity_type\":\"Item\"}", "");
    check(arena, "{\"entity_type\":null}", "");
    for (size_t i = 0; i < COUNT(bad); i++)
        check(arena, arena_format(arena, "{\"entity_type\":%s}", bad[i]), "entity_type");
}

static void overrides_have_limits(void **state)
{
    static const struct {
        const char *name;
        size_t limit;
    } texts[] = {{"name", LIMIT_NAME_CHARACTERS}, {"description", LIMIT_DESCRIPTION_CHARACTERS}};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *name = texts[i].name, *text = repeat(arena, 'x', texts[i].limit);
        check(arena, arena_format(arena, "{\"%s\":\"%s\"}", name, text), "");
        check(arena, arena_format(arena, "{\"%s\":\"%sx\"}", name, text), name);
        check(arena, arena_format(arena, "{\"%s\":\"\"}", name), "");
        check(arena, arena_format(arena, "{\"%s\":\"two\\nlines\"}", name), "");
        check(arena, arena_format(arena, "{\"%s\":7}", name), name);
        check(arena, arena_format(arena, "{\"%s\":[]}", name), name);
    }
}

static void every_problem_is_told(void **state)
{
    check(*state,
          "{\"user_id\":1,\"context_id\":0,\"quantity\":0,\"entity_type\":\"x\",\"name\":1,\"description\":"
          "1}",
          "user_id context_id quantity entity_type name description");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_user_comes_from_the_call_or_the_token),
        ARENA_TEST(contexts_are_numbers_or_keys),
        ARENA_TEST(entity_types),
        ARENA_TEST(overrides_have_limits),
        ARENA_TEST(every_problem_is_told),
    };
    return cmocka_run_group_tests_name("api/recommendations", tests, NULL, NULL);
}
