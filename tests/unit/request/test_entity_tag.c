/* If-None-Match: lists, weak tags, and what only looks like the tag. */
#include "fixture.h"

#include "request/entity_tag.h"

static bool is_known(const char *header)
{
    struct request request = {.transport = fixture_transport};
    unsetenv("HTTP_IF_NONE_MATCH");
    if (header)
        setenv("HTTP_IF_NONE_MATCH", header, 1);
    bool known = entity_tag_is_known(&request, "\"7-1\"");
    unsetenv("HTTP_IF_NONE_MATCH");
    return known;
}

static void tags_that_are_known(void **state)
{
    (void)state;
    static const char *const known[] = {"\"7-1\"",         "W/\"7-1\"",        "*",  "\"a\", \"7-1\"",
                                        "\"a\",W/\"7-1\"", " \"7-1\" , \"b\"", ", *"};
    for (size_t i = 0; i < COUNT(known); i++)
        assert_true(is_known(known[i]));
}

static void tags_that_are_not(void **state)
{
    (void)state;
    static const char *const others[] = {NULL,    "",         "7-1",       "\"7-1",    "\"7-12\"",
                                         "\"a\"", "\"7-1\"x", "w/\"7-1\"", "x\"7-1\"", ",,, ,"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(is_known(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_that_are_known),
        cmocka_unit_test(tags_that_are_not),
    };
    return cmocka_run_group_tests_name("request/entity_tag", tests, cgi_open, cgi_close);
}
