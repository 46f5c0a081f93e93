/* What is called plain is JSON, an object, and the text that json-c would write. */
#include "fixture.h"

#include "base/json_plain.h"
#include "base/limits.h"

static void plain_objects_are_json(void **state)
{
    static const char *const plain[] = {
        "{}",
        "{\"a\":1}",
        "{\"a\":-0.5,\"b\":[],\"c\":{},\"d\":[1,[2,{\"e\":null}],\"x\"],\"f\":true,\"g\":false}",
        "{\"name\":\"Gr\xC3\xBC\xC3\x9F \xF0\x9F\x8E\x81\"}",
        "{\"a\":123456789012345678}",
        "{\"a\":[[[]]]}"};
    static const char *const others[] = {"",
                                         "[]",
                                         "7",
                                         "null",
                                         "{",
                                         "{}}",
                                         "{},",
                                         "{\"a\"}",
                                         "{\"a\":}",
                                         "{\"a\":1,}",
                                         "{,}",
                                         "{\"a\":[1,]}",
                                         "{\"a\":[,1]}",
                                         "{\"a\":1 }",
                                         "{\"a\":01}",
                                         "{\"a\":1.}",
                                         "{\"a\":.5}",
                                         "{\"a\":-}",
                                         "{\"a\":1e3}",
                                         "{\"a\":+1}",
                                         "{\"a\":NaN}",
                                         "{\"a\":tru}",
                                         "{\"a\":truex}",
                                         "{\"a\":\"\\u0000\"}",
                                         "{\"a\":\"\n\"}",
                                         "{\"a\":\"\xFF\"}",
                                         "{\"a\":\"}",
                                         "{'a':1}",
                                         "{\"a\":[}",
                                         "{\"a\":{]}",
                                         "{\"a\":1]",
                                         "{\"a\":1234567890123456789}",
                                         "{\"a\":1}x",
                                         "{a:1}",
                                         "{\"a\":{\"b\"}}"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(plain); i++) {
        assert_true(json_is_plain_object(plain[i]));
        assert_string_equal(json_text(json_of(arena, plain[i])), plain[i]); /* json-c would write the same */
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        if (json_is_plain_object(others[i]))
            fail_msg("%s is taken for plain", others[i]);
    }
}

/* Whatever is made of its characters: what is plain is JSON, and an object. */
static void nothing_else_is_plain(void **state)
{
    static const char characters[] = "{}[]:,\"a1-.0tn";
    char text[12];
    uint64_t random = 7;
    size_t found = 0;
    (void)state;
    for (int i = 0; i < 3000000; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = random >> 8;
        size_t length = 2 + (random >> 60) % 9;
        for (size_t j = 0; j < length; j++, bits /= 14)
            text[j] = characters[bits % 14];
        text[0] = '{';
        text[length - 1] = '}';
        text[length] = '\0';
        if (!json_is_plain_object(text))
            continue;
        struct json_object *value;
        const char *problem;
        if (!json_parse(text, length, &value, &problem))
            fail_msg("%s is plain, but %s", text, problem);
        assert_true(json_object_is_type(value, json_type_object));
        json_object_put(value);
        found++;
    }
    assert_true(found > 100);
}

static void levels_are_limited(void **state)
{
    char text[200] = "{\"a\":";
    (void)state;
    for (int depth = 2; depth < 40; depth++) {
        char *at = text + 5;
        memset(at, '[', (size_t)depth - 1);
        memset(at + depth - 1, ']', (size_t)depth - 1);
        memcpy(at + 2 * (depth - 1), "}", 2);
        struct json_object *value = NULL;
        const char *problem;
        bool good = json_parse(text, strlen(text), &value, &problem);
        if (json_is_plain_object(text))
            assert_true(good);
        assert_true(json_is_plain_object(text) == (depth <= LIMIT_JSON_DEPTH));
        json_object_put(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(plain_objects_are_json),
        cmocka_unit_test(nothing_else_is_plain),
        cmocka_unit_test(levels_are_limited),
    };
    return cmocka_run_group_tests_name("base/json_plain", tests, NULL, NULL);
}
