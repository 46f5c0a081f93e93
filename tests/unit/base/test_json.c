/* The door for JSON: everything that json-c alone would let pass must stay outside. */
#include "fixture.h"

#include "base/limits.h"

#include <sys/wait.h>

static void check_good(const char *text, const char *same)
{
    struct json_object *value;
    const char *problem;
    if (!json_parse(text, strlen(text), &value, &problem))
        fail_msg("%s was refused: it is %s", text, problem);
    assert_null(problem);
    assert_string_equal(json_text(value), same);
    json_object_put(value);
}

/* says: what the problem must hold. */
static void check_bad(const char *bytes, size_t length, const char *says)
{
    struct json_object *value = (struct json_object *)&value;
    const char *problem = NULL;
    if (json_parse(bytes, length, &value, &problem)) {
        json_object_put(value);
        fail_msg("%.60s was taken", bytes);
    }
    assert_null(value);
    assert_non_null(problem);
    if (!strstr(problem, says))
        fail_msg("%.60s is said to be %s, not %s", bytes, problem, says);
}

static void values_of_every_type(void **state)
{
    (void)state;
    check_good("{}", "{}");
    check_good(" {\"a\" : [ 1 , 2.5, true, null, \"x\" ] } \r\n\t", "{\"a\":[1,2.5,true,null,\"x\"]}");
    check_good("null", "null");
    check_good("true", "true");
    check_good("12", "12");
    check_good("-0.94", "-0.94");
    check_good("1e2", "1e2");
    check_good("\"a/b\"", "\"a/b\"");
    check_good("[1E+2,1e-2,0e0,-0.0,0.5e1]", "[1E+2,1e-2,0e0,-0.0,0.5e1]");
    check_good("[[],{},[{}],{\"a\":[]}]", "[[],{},[{}],{\"a\":[]}]");
    check_good("[true,false,null,[true],{\"a\":null}]", "[true,false,null,[true],{\"a\":null}]");
    check_good("{\"gr\xC3\xBC\xC3\x9F\":\"\xC2\xBA \xE2\x82\xAC \xF0\x9F\x8E\x81 \x7F\"}",
               "{\"gr\xC3\xBC\xC3\x9F\":\"\xC2\xBA \xE2\x82\xAC \xF0\x9F\x8E\x81 \x7F\"}");
    check_good("\"\\u00e4\\ud83d\\ude00\\n\"", "\"ä😀\\n\"");
    check_good("\"\\\\u0000\"", "\"\\\\u0000\""); /* a backslash, then text: no escape of a zero */
    check_good("\"\\\\\\u0041\"", "\"\\\\A\"");
    check_good("{\"a\":1,\"a\":2}", "{\"a\":2}");
    check_good("[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]");
    check_good("[9223372036854775808,18446744073709551615]", "[9223372036854775808,18446744073709551615]");
}

static void other_texts(void **state)
{
    static const char *const bad[] = {"",       " ",         "{",          "[1",         "\"a",
                                      "{\"a\"", "{\"a\":",   "tru",        "nul",        "-",
                                      "{a:1}",  "[1,]",      "{\"a\":1,}", "[,1]",       "1 2",
                                      "{} {}",  "{}x",       "[1] // no",  "/* no */1",  "{} /*",
                                      "TRUE",   "Null",      "undefined",  "+1",         ".5",
                                      "0x10",   "1e",        "\"\\x41\"",  "\"\\\"",     "}",
                                      "]",      "[1}",       "{\"a\":1]",  "\"a\"\"b\"", "\\u0041",
                                      "[1 2]",  "[,]",       "{,}",        "{\"a\"}",    "{\"a\" 1}",
                                      "{1:2}",  "[\"a\":1]", "{\"a\":}",   "{\"a\",1}",  "{\"a\":1,,\"b\":2}",
                                      ":",      ",",         "1,",         "1e+",        "1e5.5",
                                      "1.5.5",  "--1",       "-e5",        "truefalse",  "nulls",
                                      "[tru]",  "{true:1}",  "\"\\",       "\"\\\n\"",   "1a"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(bad[i], strlen(bad[i]), "");
    check_bad("{} x", 4, "JSON");
    check_bad("{\"a\":1", 6, "too early");
    check_bad("{", 1, "too early");
    check_bad("[nul", 4, "too early");
    check_bad("\"a\\", 3, "too early");
    check_bad("[1]]", 4, "behind its end");
    check_bad("1 2", 3, "behind its end");
}

/* What RFC 8259 does not know. An answer or a log that repeats such a number is no JSON either. */
static void numbers_and_strings_are_those_of_the_standard(void **state)
{
    static const char *const bad[] = {"01",       "-01",      "[007]",   "[-01]",   "1.",   "[1.]",
                                      "1.e5",     "-.5",      "-",       "{'a':1}", "'a'",  "\"a\nb\"",
                                      "\"a\tb\"", "\"\x01\"", "\"\\v\"", "\v{}",    "{}\f", "{\"a\"\v:1}"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(bad[i], strlen(bad[i]), "");
}

static void numbers_that_do_not_fit(void **state)
{
    static const char *const bad[] = {"1e999",
                                      "-1e999",
                                      "[1, {\"a\": [1e400]}]",
                                      "18446744073709551616",
                                      "-9223372036854775809",
                                      "{\"a\":{\"b\":123456789012345678901234567890}}"};
    static const char *const words[] = {"NaN", "Infinity", "-Infinity", "nan", "[NaN]", "{\"a\":-Infinity}"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(bad[i], strlen(bad[i]), "too large");
    for (size_t i = 0; i < COUNT(words); i++)
        check_bad(words[i], strlen(words[i]), "");
    check_bad("[NaN]", 5, "NaN or Infinity");
}

static void escapes_that_are_no_characters(void **state)
{
    static const char *const bad[] = {"\"\\u0000\"",        "\"\\ud800\"",        "\"\\udfff\"",
                                      "\"\\ud83d\"",        "\"\\ud83dx\"",       "\"\\ud83d\\n\"",
                                      "\"\\ud83d\\u0041\"", "\"\\ude00\\ud83d\"", "\"\\ud83d\\ud83d\"",
                                      "\"\\ud83d\\ude0\"",  "\"\\u12\"",          "\"\\u12g4\"",
                                      "{\"\\ud800\":1}",    "\"\\uD800\""};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(bad[i], strlen(bad[i]), "escape");
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    check_bad("\"\xC0\x80\"", 4, "UTF-8");
    check_bad("\"\xED\xA0\x80\"", 5, "UTF-8");
    check_bad("\"\xFF\"", 3, "UTF-8");
    check_bad("\"\xC3", 2, "UTF-8");
    check_bad("{}\0", 3, "zero byte");
    check_bad("\"a\0b\"", 5, "zero byte");
    check_bad("\0", 1, "zero byte");
    check_bad("\xEF\xBB\xBF{}", 5, "not valid"); /* a byte order mark */
}

/* The bytes end where the length says, with no zero behind them. */
static void the_length_counts(void **state)
{
    struct json_object *value;
    const char *problem;
    char *exact = memory_alloc(4, 1);
    (void)state;
    memcpy(exact, "1234", 4);
    assert_true(json_parse(exact, 4, &value, &problem));
    assert_int_equal(json_object_get_int(value), 1234);
    json_object_put(value);
    memcpy(exact, "[1]9", 4);
    assert_true(json_parse(exact, 3, &value, &problem));
    json_object_put(value);
    memory_free(exact);
}

static char *nested(struct arena *arena, size_t levels, const char *inside)
{
    return arena_format(arena, "%s%s%s", repeat(arena, '[', levels), inside, repeat(arena, ']', levels));
}

static void levels_are_limited(void **state)
{
    struct arena *arena = *state;
    const char *deepest = nested(arena, LIMIT_JSON_DEPTH, "");
    const char *deeper = nested(arena, LIMIT_JSON_DEPTH + 1, "");
    const char *absurd = nested(arena, 10000, "1"), *open = repeat(arena, '[', LIMIT_JSON_WEIGHT);
    check_good(deepest, deepest);
    check_bad(deeper, strlen(deeper), "levels");
    check_bad(absurd, strlen(absurd), "levels");
    check_bad(open, strlen(open), "levels");
}

static void an_entry_stands_one_level_down(void **state)
{
    struct arena *arena = *state;
    const char *deepest = nested(arena, LIMIT_JSON_DEPTH - 1, "");
    const char *deeper = nested(arena, LIMIT_JSON_DEPTH, ""), *problem;
    struct json_object *value;
    assert_true(json_parse_entry(deepest, strlen(deepest), &value, &problem));
    json_object_put(value);
    assert_false(json_parse_entry(deeper, strlen(deeper), &value, &problem));
}

/* count times a value, in a list or in an object under keys of their own. */
static const char *many(struct arena *arena, size_t count, const char *value, bool keys)
{
    size_t size = count * (strlen(value) + 12) + 3, used = 1;
    char *text = arena_alloc(arena, size, 1);
    *text = keys ? '{' : '[';
    for (size_t i = 0; i < count; i++) {
        const char *comma = i ? "," : "";
        used += (size_t)(keys ? snprintf(text + used, size - used, "%s\"%zx\":%s", comma, i, value)
                              : snprintf(text + used, size - used, "%s%s", comma, value));
    }
    text[used] = keys ? '}' : ']';
    return text;
}

/* Without the limit 6 MB of `{},` take 1.5 GB as a tree. */
static void trees_are_limited(void **state)
{
    struct arena *arena = *state;
    static const struct {
        const char *value;
        size_t weight;
        bool keys;
    } kinds[] = {{"1", 1, false},    {"\"t,f{n\\\"[\"", 1, false}, {"true", 1, false}, {"false", 1, false},
                 {"null", 1, false}, {"-1.5e-1", 1, false},        {"[]", 1, false},   {"{}", 8, false},
                 {"1", 2, true},     {"{\"a\":1}", 11, true}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        size_t outer = kinds[i].keys ? 8 : 1, most = (LIMIT_JSON_WEIGHT - outer) / kinds[i].weight;
        const char *text = many(arena, most, kinds[i].value, kinds[i].keys);
        json_of(arena, text);
        text = many(arena, most + 1, kinds[i].value, kinds[i].keys);
        check_bad(text, strlen(text), "too many values");
    }
    assert_int_equal(LIMIT_JSON_WEIGHT, 50000); /* the message names it */
}

/* ---- Memory that is not there. The program's own functions stand before the sanitizer's. */

/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the sanitizer calls its own malloc so. */
void *__interceptor_malloc(size_t size);
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): as above. */
void *__interceptor_calloc(size_t count, size_t size);
static int allocations_left = -1; /* -1: without end */

static bool may_allocate(void)
{
    allocations_left -= allocations_left > 0;
    return allocations_left;
}

/* By other names here, so that they do not declare what stdlib.h has declared already. */
void *replaced_malloc(size_t size) __asm__("malloc");
void *replaced_calloc(size_t count, size_t size) __asm__("calloc");

void *replaced_malloc(size_t size)
{
    return may_allocate() ? __interceptor_malloc(size) : NULL;
}

void *replaced_calloc(size_t count, size_t size)
{
    return may_allocate() ? __interceptor_calloc(count, size) : NULL;
}

enum { TAKEN = 0, REFUSED = 1, OUT_OF_MEMORY = 70 };

static int parse_with(int allocations)
{
    static const char text[] = "{\"a\":[1,{\"b\":\"text\"},[2.5,true]],\"c\":{}} ";
    struct json_object *value;
    const char *problem;
    int outcome;
    pid_t child = fork();
    if (child == 0) {
        allocations_left = allocations;
        bool taken = json_parse(text, strlen(text), &value, &problem);
        allocations_left = -1;
        _exit(taken && !strcmp(json_text(value), "{\"a\":[1,{\"b\":\"text\"},[2.5,true]],\"c\":{}}")
                  ? TAKEN
                  : REFUSED);
    }
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFEXITED(outcome));
    return WEXITSTATUS(outcome);
}

/* json-c ends early without an error then, and the text looked as if it had something behind its end. */
static void without_memory_nothing_is_said_of_the_text(void **state)
{
    int allocations = 1, outcome;
    (void)state;
    while ((outcome = parse_with(allocations)) == OUT_OF_MEMORY)
        allocations++;
    assert_int_equal(outcome, TAKEN);
    assert_true(allocations > 10);
}

static void null_members_count_as_absent(void **state)
{
    struct json_object *object = json_of(*state, "{\"a\":1,\"b\":null}");
    assert_int_equal(json_object_get_int(json_member(object, "a")), 1);
    assert_null(json_member(object, "b"));
    assert_null(json_member(object, "c"));
    assert_null(json_member(NULL, "a"));
    assert_null(json_member(json_of(*state, "[1]"), "a"));
    assert_null(json_of(*state, "null"));
}

static void slashes_stay(void **state)
{
    struct json_object *object = json_keep(*state, json_object_new_object());
    json_object_object_add(object, "a/b", json_object_new_string("c/d\"\\\x01"));
    assert_string_equal(json_text(object), "{\"a/b\":\"c/d\\\"\\\\\\u0001\"}");
    assert_string_equal(json_text(NULL), "null");
    assert_null(json_keep(*state, NULL));
}

/* As PHP writes an array without members. */
static void an_empty_list_is_an_object_where_one_belongs(void **state)
{
    struct json_object *value = json_of(*state, "{\"a\":[],\"b\":[1],\"c\":{\"d\":1},\"e\":7,\"f\":null}");
    assert_string_equal(json_text(json_member_object(value, "a")), "{}");
    assert_string_equal(json_text(json_member_object(value, "b")), "[1]");
    assert_string_equal(json_text(json_member_object(value, "c")), "{\"d\":1}");
    assert_string_equal(json_text(json_member_object(value, "e")), "7");
    assert_null(json_member_object(value, "f"));
    assert_null(json_member_object(value, "g"));
    assert_string_equal(json_text(json_member(value, "a")), "{}");
}

static void indented_is_the_same_json(void **state)
{
    assert_string_equal(json_indent(*state, "{\"a/b\":[1,0.10000000000000001,\"x\"],\"d\":null}"),
                        "{\n  \"a/b\": [\n    1,\n    0.10000000000000001,\n    \"x\"\n  ],\n"
                        "  \"d\": null\n}");
    assert_string_equal(json_indent(*state, "[NaN]"), "[\n  NaN\n]");
    assert_string_equal(json_indent(*state, "no JSON"), "no JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_type),
        cmocka_unit_test(other_texts),
        cmocka_unit_test(numbers_and_strings_are_those_of_the_standard),
        cmocka_unit_test(numbers_that_do_not_fit),
        cmocka_unit_test(escapes_that_are_no_characters),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(the_length_counts),
        ARENA_TEST(levels_are_limited),
        ARENA_TEST(an_entry_stands_one_level_down),
        ARENA_TEST(trees_are_limited),
        cmocka_unit_test(without_memory_nothing_is_said_of_the_text),
        ARENA_TEST(null_members_count_as_absent),
        ARENA_TEST(slashes_stay),
        ARENA_TEST(an_empty_list_is_an_object_where_one_belongs),
        ARENA_TEST(indented_is_the_same_json),
    };
    return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
