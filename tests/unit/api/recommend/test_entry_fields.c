/* Names of members, in every spelling of a list, and the wish that goes before them. */
#include "../../base/fixture.h"

#include "api/recommend/entry_fields.h"

static void check(struct arena *arena, const char *json, bool good, unsigned expected)
{
    struct request request = {.arena = arena, .merged = json_of(arena, json)};
    unsigned fields = ENTRY_ALL & ~(unsigned)ENTRY_EMBEDDING;
    if (entry_fields_read(&request, &fields) != good || (good && fields != expected))
        fail_msg("%s: %u, not %u (%s)", json, fields, expected, request.error.message);
    if (!good)
        assert_int_equal(request.error.code, ERROR_VALIDATION);
}

static void names_are_a_list_or_text(void **state)
{
    check(*state, "{}", true, ENTRY_ALL - ENTRY_EMBEDDING);
    check(*state, "{\"fields\":\"name\"}", true, ENTRY_NAME);
    check(*state, "{\"fields\":\" name , metadata,,id\"}", true, ENTRY_NAME | ENTRY_METADATA);
    check(*state, "{\"fields\":[\"item\",\"source,group\"]}", true, ENTRY_ITEM | ENTRY_SOURCE | ENTRY_GROUP);
    check(*state, "{\"fields\":[]}", true, 0);
    check(*state, "{\"fields\":\"id,rank,score,items,object\"}", true, 0);
}

static void other_names_are_refused(void **state)
{
    static const char *const bad[] = {"\"price\"", "\"nam\"", "\"names\"", "\"Name\"", "7",
                                      "{}",        "[7]",     "[null]",    "[[]]"};
    for (size_t i = 0; i < COUNT(bad); i++)
        check(*state, arena_format(*state, "{\"fields\":%s}", bad[i]), false, 0);
}

static void the_wish_for_vectors_goes_before_the_names(void **state)
{
    check(*state, "{\"embedding\":\"true\"}", true, ENTRY_ALL);
    check(*state, "{\"embedding\":0}", true, ENTRY_ALL - ENTRY_EMBEDDING);
    check(*state, "{\"fields\":\"name,embedding\"}", true, ENTRY_NAME | ENTRY_EMBEDDING);
    check(*state, "{\"fields\":\"name,embedding\",\"embedding\":false}", true, ENTRY_NAME);
    check(*state, "{\"fields\":\"name\",\"embedding\":true}", true, ENTRY_NAME | ENTRY_EMBEDDING);
    check(*state, "{\"embedding\":\"perhaps\"}", false, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(names_are_a_list_or_text),
        ARENA_TEST(other_names_are_refused),
        ARENA_TEST(the_wish_for_vectors_goes_before_the_names),
    };
    return cmocka_run_group_tests_name("api/recommend/entry_fields", tests, NULL, NULL);
}
