/* Items and questions as words of the search index. */
#include "../base/fixture.h"

#include "base/limits.h"
#include "recommender/item_words.h"

static void check(struct arena *arena, const char *keys, const char *metadata, const char *expected)
{
    struct json_object *object = metadata ? json_of(arena, metadata) : NULL;
    const char *words = item_words(arena, 7, keys, "Tea pot", "A tea pot.", object);
    if (strcmp(words, expected))
        fail_msg("\"%s\", not \"%s\"", words, expected);
}

static void names_count_twice_and_all_else_once(void **state)
{
    check(*state, "", NULL, "7xtea 7xpot 7xtea 7xpot 7xa ");
    check(*state, "category", "{}", "7xtea 7xpot 7xtea 7xpot 7xa ");
}

static void chosen_metadata_is_read_to_its_depth(void **state)
{
    const char *metadata =
        "{\"category\":\"Kitchen pot\",\"tags\":[\"red\",{\"x\":4711}],\"hidden\":\"no\",\"my key\":true,"
        "\"brand\":null}";
    check(*state, "category, brand ,tags", metadata, "7xtea 7xpot 7xtea 7xpot 7xkitchen 7xred 7x4711 7xa ");
    check(*state, ",my key,, hidden\t,", metadata, "7xtea 7xpot 7xtea 7xpot 7xno 7xa ");
    check(*state, "category", "[1]", "7xtea 7xpot 7xtea 7xpot 7xa ");
}

static void many_words_are_kept_apart_up_to_the_limit(void **state)
{
    struct arena *arena = *state;
    char *text = arena_alloc(arena, 20000 * 7, 1);
    size_t length = 0;
    for (int twice = 0; twice < 2; twice++) {
        for (int i = 0; i < 3000; i++)
            length += (size_t)snprintf(text + length, 7, "w%d ", i);
    }
    const char *words = item_words(arena, UINT32_MAX, "", "x", text, NULL);
    size_t count = 0;
    for (const char *at = words; (at = strchr(at, ' ')); at++)
        count++;
    assert_int_equal(count, 3000 + 2);
    assert_non_null(strstr(words, "4294967295xw2999 "));
    char *endless = arena_alloc(arena, 200000, 1);
    for (size_t i = 0; i + 8 < 200000; i += 6)
        snprintf(endless + i, 7, "%05zu ", i / 6);
    words = item_words(arena, 1, "", "name", endless, NULL);
    assert_in_range(strlen(words), LIMIT_ITEM_WORDS_BYTES - 20, LIMIT_ITEM_WORDS_BYTES);
    assert_int_equal(words[strlen(words) - 1], ' ');
}

static void questions(void **state)
{
    size_t count;
    assert_string_equal(item_words_question(*state, 7, "Red +shi*", true, &count),
                        "+(7xred 7xred*) +(7xshi 7xshi*) ");
    assert_int_equal(count, 2);
    assert_string_equal(item_words_question(*state, 7, "Red", false, &count), "(7xred 7xred*) ");
    assert_string_equal(item_words_question(*state, 7, "+-*()~<>\"@", true, &count), "");
    assert_int_equal(count, 0);
    assert_string_equal(item_words_question(*state, 7, "   ", true, &count), "");
    assert_int_equal(count, 0);
    const char *many =
        item_words_question(*state, 7, "a b c d e f g h i j k l m n o p q r s t u v w", true, &count);
    assert_non_null(strstr(many, "7xt*"));
    assert_null(strstr(many, "7xu*"));
    assert_int_equal(count, LIMIT_SEARCH_WORDS);
}

static void recipes_differ_with_the_setting(void **state)
{
    (void)state;
    assert_int_equal(item_words_recipe("a"), item_words_recipe("a"));
    assert_int_not_equal(item_words_recipe("a"), item_words_recipe("b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(names_count_twice_and_all_else_once),
        ARENA_TEST(chosen_metadata_is_read_to_its_depth),
        ARENA_TEST(many_words_are_kept_apart_up_to_the_limit),
        ARENA_TEST(questions),
        ARENA_TEST(recipes_differ_with_the_setting),
    };
    return cmocka_run_group_tests_name("recommender/item_words", tests, NULL, NULL);
}
