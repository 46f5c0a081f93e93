/* What is quick to write is the same text as what is slow to write. */
#include "fixture.h"

#include "base/json_write.h"
#include "base/limits.h"

#include <signal.h>
#include <sys/wait.h>

static void check_number(double number)
{
    char expected[40];
    snprintf(expected, sizeof(expected), "%.6g", number);
    struct arena *arena = arena_create();
    struct json_writer *writer = json_writer_create(arena);
    json_writer_number(writer, NULL, number);
    assert_string_equal(json_writer_result(writer), expected);
    arena_destroy(arena);
}

static void numbers_have_six_digits(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0.94, "0.94"}, {1, "1"},        {0, "0"},     {0.123456789, "0.123457"},
                 {-2.5, "-2.5"}, {1e-9, "1e-09"}, {100, "100"}, {120000, "120000"}};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_writer *writer = json_writer_create(arena);
        json_writer_number(writer, NULL, cases[i].number);
        const char *text = json_writer_result(writer);
        assert_string_equal(text, cases[i].text);
        assert_true(json_object_is_type(json_of(arena, text), json_type_int) || strpbrk(text, ".e"));
    }
}

/* Ties, powers of ten and their neighbours, and where the notation changes. */
static void numbers_at_the_edges_are_those_of_libc(void **state)
{
    static const double edges[] = {-0.0,     0.1234565, 1.000005, 1.5,      2.000015, 0.5,
                                   999999.5, 999999.4,  999999.6, 999998.5, 0.0001,   0.0002,
                                   1e6,      1.25e-5,   123456.5, 12345.65};
    (void)state;
    for (size_t i = 0; i < COUNT(edges); i++) {
        check_number(edges[i]);
        check_number(-edges[i]);
        check_number(nextafter(edges[i], 1e9));
        check_number(nextafter(edges[i], -1e9));
    }
    for (double power = 1e-12; power < 1e13; power *= 10) {
        check_number(power);
        check_number(nextafter(power, 0));
        check_number(nextafter(power, 1e30));
    }
}

static void any_number_is_that_of_libc(void **state)
{
    uint64_t random = 42;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double number = (double)(int64_t)random / (double)INT64_MAX;
        check_number(number);
        check_number((double)(float)number);
        check_number(number * pow(10, (int)(random >> 60) - 8));
        check_number((double)(int)(random >> 44) / 1000); /* few digits: many ties */
        check_number((double)(int)(random >> 44) / 8192);
    }
}

static void doubles_are_those_of_json_c(void **state)
{
    static const double numbers[] = {0,    -0.0,  1,       100, 0.1,      0.5,      1e-9,
                                     1e22, 1e300, 1.0 / 3, NAN, INFINITY, -INFINITY};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct json_writer *writer = json_writer_create(arena);
        json_writer_double(writer, NULL, numbers[i]);
        assert_string_equal(json_writer_result(writer),
                            json_text(json_keep(arena, json_object_new_double(numbers[i]))));
    }
}

/* However long it is: the buffer may move while it is copied from itself. */
static void a_value_stands_in_several_places(void **state)
{
    for (size_t length = 5; length < 100000; length = length * 5 / 2) {
        struct arena *arena = arena_create();
        struct json_writer *writer = json_writer_create(arena);
        json_writer_object(writer, NULL);
        json_writer_list(writer, "first");
        json_writer_text(writer, NULL, "a/b");
        json_writer_null(writer, NULL);
        json_writer_text(writer, NULL, repeat(arena, 'x', length));
        json_writer_end(writer);
        const struct json_span first = json_writer_last(writer);
        json_writer_integer(writer, "between", 1);
        json_writer_again(writer, "second", first);
        json_writer_again(writer, "third", json_writer_last(writer));
        json_writer_end(writer);
        char *list = arena_format(arena, "[\"a/b\",null,\"%s\"]", repeat(arena, 'x', length));
        assert_string_equal(
            json_writer_result(writer),
            arena_format(arena, "{\"first\":%s,\"between\":1,\"second\":%s,\"third\":%s}", list, list, list));
        arena_destroy(arena);
    }
    (void)state;
}

/* Plain or not, it comes out as json-c would read and write it. */
static void what_is_stored_is_an_object_at_least(void **state)
{
    static const char *const stored[][2] = {{"{}", "{}"},
                                            {"{\"a\":[1,\"x\"]}", "{\"a\":[1,\"x\"]}"},
                                            {"{ \"a\" : 1e3 }", "{\"a\":1e3}"},
                                            {"{\"a\":\"\\u00e4\\/\"}", "{\"a\":\"\xC3\xA4/\"}"},
                                            {"[1]", "{}"},
                                            {"", "{}"},
                                            {"{\"a\":", "{}"},
                                            {"null", "{}"}};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(stored); i++) {
        struct json_writer *writer = json_writer_create(arena);
        json_writer_stored(writer, NULL, stored[i][0]);
        assert_string_equal(json_writer_result(writer), stored[i][1]);
    }
}

static void texts_are_a_list(void **state)
{
    static const char *const texts[] = {"a", "b\"c"};
    assert_string_equal(json_of_texts(*state, texts, 2), "[\"a\",\"b\\\"c\"]");
    assert_string_equal(json_of_texts(*state, NULL, 0), "[]");
}

/* Does the process end when the writer is used like this? */
static bool is_refused(void misuse(struct json_writer *))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        close(STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        misuse(json_writer_create(arena_create()));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void leave_open(struct json_writer *writer)
{
    json_writer_list(writer, NULL);
    (void)json_writer_result(writer);
}

static void write_nothing(struct json_writer *writer)
{
    (void)json_writer_result(writer);
}

static void end_nothing(struct json_writer *writer)
{
    json_writer_end(writer);
}

static void write_two_values(struct json_writer *writer)
{
    json_writer_null(writer, NULL);
    json_writer_null(writer, NULL);
}

static void give_an_entry_a_key(struct json_writer *writer)
{
    json_writer_list(writer, NULL);
    json_writer_null(writer, "key");
}

static void give_a_member_none(struct json_writer *writer)
{
    json_writer_object(writer, NULL);
    json_writer_null(writer, NULL);
}

static void nest_too_deep(struct json_writer *writer)
{
    for (int i = 0; i <= LIMIT_JSON_DEPTH; i++)
        json_writer_list(writer, NULL);
}

static void nest_as_deep_as_may_be(struct json_writer *writer)
{
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
        json_writer_list(writer, NULL);
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
        json_writer_end(writer);
    (void)json_writer_result(writer);
}

static void mistakes_are_asserted(void **state)
{
    (void)state;
    assert_true(is_refused(leave_open));
    assert_true(is_refused(write_nothing));
    assert_true(is_refused(end_nothing));
    assert_true(is_refused(write_two_values));
    assert_true(is_refused(give_an_entry_a_key));
    assert_true(is_refused(give_a_member_none));
    assert_true(is_refused(nest_too_deep));
    assert_false(is_refused(nest_as_deep_as_may_be));
}

static void members_are_those_of_json_c(void **state)
{
    struct arena *arena = *state;
    struct json_writer *writer = json_writer_create(arena);
    static const float numbers[] = {0.5F, -1, 0, 1e-9F};
    json_writer_object(writer, NULL);
    json_writer_text(writer, "text", "a/\"b\"\\\n\x01");
    json_writer_text(writer, "none", NULL);
    json_writer_integer(writer, "integer", INT64_MIN);
    json_writer_boolean(writer, "yes", true);
    json_writer_boolean(writer, "no", false);
    json_writer_number(writer, "number", 0.94);
    json_writer_list(writer, "list");
    json_writer_numbers(writer, NULL, numbers, COUNT(numbers));
    json_writer_numbers(writer, NULL, numbers, 0);
    json_writer_object(writer, NULL);
    json_writer_end(writer);
    json_writer_end(writer);
    json_writer_object_from(writer, "more", "{\"a\":1}");
    json_writer_text(writer, "b", "");
    json_writer_end(writer);
    json_writer_object_from(writer, "few", "{}");
    json_writer_text(writer, "b", "c");
    json_writer_end(writer);
    json_writer_json(writer, "json", NULL);
    json_writer_json(writer, "other", json_of(arena, "[1,2]"));
    json_writer_written(writer, "written", "{\"a\":[]}");
    json_writer_null(writer, "null");
    json_writer_integer_or_null(writer, "known", true, 7);
    json_writer_integer_or_null(writer, "unknown", false, 7);
    json_writer_number_or_null(writer, "score", true, 0.5);
    json_writer_number_or_null(writer, "scoreless", false, 0.5);
    json_writer_texts(writer, "texts", (const char *const[]){"a", "b"}, 2);
    json_writer_end(writer);
    assert_string_equal(
        json_writer_result(writer),
        "{\"text\":\"a/\\\"b\\\"\\\\\\n\\u0001\",\"none\":null,\"integer\":-9223372036854775808,"
        "\"yes\":true,\"no\":false,\"number\":0.94,\"list\":[[0.5,-1,0,1e-09],[],{}],"
        "\"more\":{\"a\":1,\"b\":\"\"},\"few\":{\"b\":\"c\"},\"json\":null,\"other\":[1,2],\"written\":{"
        "\"a\":[]},\"null\":null,\"known\":7,\"unknown\":null,\"score\":0.5,\"scoreless\":null,"
        "\"texts\":[\"a\",\"b\"]}");
}

static void every_character_is_escaped_as_by_json_c(void **state)
{
    struct arena *arena = *state;
    for (int character = 1; character < 256; character++) {
        char text[] = {'a', (char)character, 'b', '\0'};
        struct json_writer *writer = json_writer_create(arena);
        json_writer_text(writer, NULL, text);
        assert_string_equal(json_writer_result(writer),
                            json_text(json_keep(arena, json_object_new_string(text))));
    }
}

static void text_may_be_long(void **state)
{
    struct arena *arena = *state;
    struct json_writer *writer = json_writer_create(arena);
    json_writer_list(writer, NULL);
    for (int i = 0; i < 20; i++)
        json_writer_text(writer, NULL, repeat(arena, 'x', 5000));
    json_writer_end(writer);
    assert_int_equal(strlen(json_writer_result(writer)), 1 + 20 * 5003);
    assert_int_equal(json_object_array_length(json_of(arena, json_writer_result(writer))), 20);
}

static bool gather(void *context, const char *bytes, size_t length)
{
    char **text = context;
    memcpy(*text, bytes, length);
    *text += length;
    return true;
}

static bool refuse(void *context, const char *bytes, size_t length)
{
    (void)bytes;
    size_t *calls = context;
    return ++*calls < 2 || !length;
}

/* Long JSON is referred to, short JSON copied; the text is the same either way. */
static void long_texts_may_be_shared(void **state)
{
    struct arena *arena = *state;
    char *sent[2] = {arena_alloc(arena, 200000, 1), arena_alloc(arena, 200000, 1)}, *long_text = NULL;
    struct json_writer *writer = NULL;
    for (int shares = 0; shares < 2; shares++) {
        writer = json_writer_create(arena);
        if (shares)
            json_writer_share(writer);
        json_writer_list(writer, NULL);
        for (size_t i = 0; i < 40; i++) {
            long_text = arena_format(arena, "{\"%zu\":\"%s\"}", i, repeat(arena, 'x', 15 * i));
            json_writer_object(writer, NULL);
            json_writer_written(writer, "a", long_text);
            json_writer_part(writer, "b", long_text + strlen("{\"0\":") + (i > 9), 2 + 15 * i);
            json_writer_stored(writer, "c", "{\"d\":\"\\u0041\"}");
            json_writer_end(writer);
        }
        json_writer_end(writer);
        char *end = sent[shares];
        assert_true(json_writer_send(writer, gather, &end));
        assert_int_equal(end - sent[shares], json_writer_length(writer));
        if (!shares)
            assert_string_equal(sent[0], json_writer_result(writer));
    }
    assert_string_equal(sent[0], sent[1]);
    long_text[6] = 'y'; /* "{"39":"xxx": that it is a reference shows when it changes */
    char *end = sent[1];
    assert_true(json_writer_send(writer, gather, &end));
    assert_string_not_equal(sent[0], sent[1]);
    size_t calls = 0;
    assert_false(json_writer_send(writer, refuse, &calls));
    assert_int_equal(calls, 2);
}

static const char *write_id(struct arena *arena, bool as_integer, const char *id)
{
    struct json_writer *writer = json_writer_create(arena);
    if (as_integer)
        json_writer_ids_as_integers(writer);
    json_writer_id(writer, NULL, id);
    return json_writer_result(writer);
}

static void ids_are_numbers_only_when_asked_for_and_exact(void **state)
{
    static const char *const texts[] = {
        "007", "00", "-1", "1.0", "1e3", "", "a", " 1", "1 ", "9007199254740992", "99999999999999999999"};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_string_equal(write_id(*state, true, texts[i]), arena_format(*state, "\"%s\"", texts[i]));
    assert_string_equal(write_id(*state, true, "9007199254740991"), "9007199254740991");
    assert_string_equal(write_id(*state, true, "0"), "0");
    assert_string_equal(write_id(*state, true, NULL), "null");
    assert_string_equal(write_id(*state, false, "9007199254740991"), "\"9007199254740991\"");
    assert_string_equal(write_id(*state, false, NULL), "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(numbers_have_six_digits),
        cmocka_unit_test(numbers_at_the_edges_are_those_of_libc),
        cmocka_unit_test(any_number_is_that_of_libc),
        ARENA_TEST(doubles_are_those_of_json_c),
        cmocka_unit_test(a_value_stands_in_several_places),
        ARENA_TEST(what_is_stored_is_an_object_at_least),
        ARENA_TEST(texts_are_a_list),
        cmocka_unit_test(mistakes_are_asserted),
        ARENA_TEST(members_are_those_of_json_c),
        ARENA_TEST(every_character_is_escaped_as_by_json_c),
        ARENA_TEST(text_may_be_long),
        ARENA_TEST(long_texts_may_be_shared),
        ARENA_TEST(ids_are_numbers_only_when_asked_for_and_exact),
    };
    return cmocka_run_group_tests_name("base/json_write", tests, NULL, NULL);
}
