/* Lists entry by entry: what is taken and refused is what json_parse() says of the whole. */
#include "fixture.h"

#include "base/json_list.h"
#include "base/limits.h"

/* Reads a list to its end, as text of its entries with a bar behind each; NULL: refused. */
static const char *read_list(struct arena *arena, const char *text)
{
    struct json_list list;
    const char *problem, *all = "";
    char *bytes = arena_copy_text(arena, text);
    if (!json_list_open(bytes, strlen(bytes), &list, &problem)) {
        assert_non_null(problem);
        return NULL;
    }
    for (size_t i = 0; i < list.count; i++) {
        struct json_object *value;
        if (!json_list_next(&list, &value, &problem)) {
            assert_non_null(problem);
            return NULL;
        }
        all = arena_format(arena, "%s%s|", all, json_text(value));
        json_object_put(value);
    }
    return all;
}

static void entries_are_found(void **state)
{
    static const char *const lists[][2] = {
        {"[]", ""},
        {" [ \r\n\t] ", ""},
        {"[1]", "1|"},
        {"[ 1 , null,\"a\" , {} , [] ]", "1|null|\"a\"|{}|[]|"},
        {"[[1,2],[3,[4,{\"a\":[5,6]}]],7]", "[1,2]|[3,[4,{\"a\":[5,6]}]]|7|"},
        {"[{\"a\":\"],[}{\\\"\\\\\"},\"\\\\\",2]", "{\"a\":\"],[}{\\\"\\\\\"}|\"\\\\\"|2|"}};
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *entries = read_list(*state, lists[i][0]);
        if (!entries || strcmp(entries, lists[i][1]))
            fail_msg("%s: %s", lists[i][0], entries ? entries : "refused");
    }
}

/* Every short text of these letters: taken if and only if it is an array as a whole. */
static void what_is_taken_is_what_the_whole_says(void **state)
{
    static const char letters[] = "[]{},\"1:\\ ";
    enum { LETTERS = sizeof(letters) - 1, LENGTH = 5 };
    size_t taken = 0;
    for (size_t number = 0; number < (size_t)LETTERS * LETTERS * LETTERS * LETTERS * LETTERS; number++) {
        char text[LENGTH + 2] = "[";
        size_t rest = number;
        for (size_t i = 1; i <= LENGTH; i++, rest /= LETTERS)
            text[i] = letters[rest % LETTERS];
        struct arena *arena = *state;
        struct json_object *whole = NULL;
        const char *problem, *entries = read_list(arena, text), *expected = NULL;
        if (json_parse(text, strlen(text), &whole, &problem)) {
            expected = "";
            for (size_t i = 0; i < json_object_array_length(whole); i++)
                expected =
                    arena_format(arena, "%s%s|", expected, json_text(json_object_array_get_idx(whole, i)));
        }
        if (!expected != !entries || (entries && strcmp(entries, expected) != 0))
            fail_msg("%s: %s, not %s", text, entries ? entries : "refused", expected ? expected : "refused");
        taken += entries != NULL;
        json_object_put(whole);
        arena_reset(arena);
    }
    assert_true(taken > 100);
}

static void other_texts_are_no_lists(void **state)
{
    static const char *const bad[] = {"",     " ",       "{}",       "1",      "[",         "[1",
                                      "[1,",  "[1}",     "[1]]",     "[1] x",  "[1][2]",    "[\"a]",
                                      "[{]}", "[1,,2]",  "[,]",      "[1,]",   "[\"a\" 1]", "[1 2]",
                                      "[1],", "[1]\x01", "[\"\\\"]", "[1e999]"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (read_list(*state, bad[i]))
            fail_msg("taken: %s", bad[i]);
    }
    char zero[] = "[1]\0";
    struct json_list list;
    const char *problem;
    assert_false(json_list_open(zero, 4, &list, &problem));
}

/* A million entries are counted without a tree. */
static void counts_and_lengths(void **state)
{
    struct json_list list;
    const char *problem;
    char *bytes = repeat(*state, '1', 2000001);
    for (size_t i = 0; i < 2000001; i += 2)
        bytes[i] = ',';
    bytes[0] = '[';
    bytes[2000000] = ']';
    assert_true(json_list_open(bytes, 2000001, &list, &problem));
    assert_int_equal(list.count, 1000000);
    assert_int_equal(list.longest, 1);
    char text[] = "[1, 22 ,333]";
    assert_true(json_list_open(text, strlen(text), &list, &problem));
    assert_int_equal(list.longest, 4);
}

static void levels_count_from_the_outermost(void **state)
{
    const char *open = repeat(*state, '[', LIMIT_JSON_DEPTH), *close = repeat(*state, ']', LIMIT_JSON_DEPTH);
    assert_non_null(read_list(*state, arena_format(*state, "%s%s", open, close)));
    assert_null(read_list(*state, arena_format(*state, "[%s%s]", open, close)));
}

static void what_is_kept_takes_the_place_of_its_entry(void **state)
{
    struct json_list list;
    struct json_object *value;
    const char *problem, *first, *second, *third;
    char text[] = "[\"abcd\",[7]]";
    assert_true(json_list_open(text, strlen(text), &list, &problem));
    assert_true(json_list_next(&list, &value, &problem));
    first = json_list_keep(&list, *state, json_object_get_string(value));
    second = json_list_keep(&list, *state, "");
    third = json_list_keep(&list, *state, "too long");
    assert_null(json_list_keep(&list, *state, NULL));
    json_object_put(value);
    assert_ptr_equal(first, text + 1);
    assert_ptr_equal(second, text + 6);
    assert_false(third >= text && third < text + sizeof(text));
    assert_true(json_list_next(&list, &value, &problem)); /* the next one is untouched */
    assert_string_equal(json_text(value), "[7]");
    json_object_put(value);
    assert_string_equal(first, "abcd");
    assert_string_equal(second, "");
    assert_string_equal(third, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(entries_are_found),
        ARENA_TEST(what_is_taken_is_what_the_whole_says),
        ARENA_TEST(other_texts_are_no_lists),
        ARENA_TEST(counts_and_lengths),
        ARENA_TEST(levels_count_from_the_outermost),
        ARENA_TEST(what_is_kept_takes_the_place_of_its_entry),
    };
    return cmocka_run_group_tests_name("base/json_list", tests, NULL, NULL);
}
