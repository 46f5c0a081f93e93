/* Text as words of the search index: folding, scripts, and what is no letter. */
#include "../base/fixture.h"

#include "engine/search_words.h"

struct words {
    struct arena *arena;
    const char *text;
};

static void note(void *context, const char *word, size_t length)
{
    struct words *words = context;
    assert_in_range(length, 1, SEARCH_WORD_BYTES);
    words->text =
        arena_format(words->arena, "%s%s%.*s", words->text, *words->text ? " " : "", (int)length, word);
}

static void check(struct arena *arena, const char *text, const char *expected)
{
    struct words words = {.arena = arena, .text = ""};
    search_words_split(text, note, &words);
    if (strcmp(words.text, expected))
        fail_msg("%s gives \"%s\", not \"%s\"", text, words.text, expected);
}

static void ascii(void **state)
{
    check(*state, "", "");
    check(*state, " \t\n!?", "");
    check(*state, "Red T-Shirt, 100% cotton", "red t shirt 100 cotton");
    check(*state, "a_b+c*d\"e", "a b c d e");
    check(*state, "4K", "4k");
}

static void accents_are_dropped(void **state)
{
    check(*state, "Crème BRÛLÉE", "creme brulee");
    check(*state, "Straße ŒUVRE Ærø Łódź þ", "strasse oeuvre aero lodz th");
    check(*state, "e\xCC\x81t\xC2\xADude", "etude"); /* a combining accent and a soft hyphen */
    check(*state, "3×4÷2", "3 4 2");
    check(*state, "\xEF\xBC\xA1\xEF\xBD\x82\xEF\xBC\x91", "ab1"); /* wide forms */
}

static void other_scripts_are_spelt(void **state)
{
    check(*state, "Чай", "z0447z0430z0439");
    check(*state, "ЧАЙ ё Ё", "z0447z0430z0439 z0451 z0451");
    check(*state, "Ωμέγα ωμεγας", "z03c9z03bcz03b5z03b3z03b1 z03c9z03bcz03b5z03b3z03b1z03c3");
    check(*state, "红色a衬", "z7ea2 z8272 a z886c");
    check(*state, "\U0001F381 gift\U0001F381s — “x”…", "gift s x");
    check(*state, "\U00020000", "z20000");
}

static void long_words_are_cut(void **state)
{
    struct arena *arena = *state;
    check(arena, repeat(arena, 'A', SEARCH_WORD_BYTES), repeat(arena, 'a', SEARCH_WORD_BYTES));
    check(arena, repeat(arena, 'a', SEARCH_WORD_BYTES + 1), repeat(arena, 'a', SEARCH_WORD_BYTES));
    char *odd = arena_format(arena, "%sЧa b", repeat(arena, 'x', SEARCH_WORD_BYTES - 2));
    check(arena, odd, arena_format(arena, "%s b", repeat(arena, 'x', SEARCH_WORD_BYTES - 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(ascii),
        ARENA_TEST(accents_are_dropped),
        ARENA_TEST(other_scripts_are_spelt),
        ARENA_TEST(long_words_are_cut),
    };
    return cmocka_run_group_tests_name("engine/search_words", tests, NULL, NULL);
}
