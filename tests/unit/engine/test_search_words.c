/* Text as words of the search index: folding, scripts, and what is no letter. */
#include "../base/fixture.h"

#include "engine/search_words.h"

struct words {
    struct arena *arena;
    const char *text;
};

static bool note(void *context, const char *word, size_t length)
{
    struct words *words = context;
    assert_in_range(length, 1, SEARCH_WORD_BYTES);
    words->text =
        arena_format(words->arena, "%s%s%.*s", words->text, *words->text ? " " : "", (int)length, word);
    return true;
}

static bool stop_at_once(void *context, const char *word, size_t length)
{
    struct words *words = context;
    assert_string_equal(words->text, ""); /* never called again */
    words->text = arena_copy_bytes(words->arena, word, length);
    return false;
}

static bool count_words(void *context, const char *word, size_t length)
{
    size_t *count = context;
    (void)word;
    *count += length > 0;
    return true;
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

static void letters_of_other_scripts_fold(void **state)
{
    check(*state, "Чай ЧАЙ чаи", "чаи чаи чаи");
    check(*state, "ё Ё", "е е");
    check(*state, "Ωμέγα ωμεγας ΩΜΕΓΑΣ", "ωμεγα ωμεγασ ωμεγασ");
    check(*state, "ԵՐԵՎԱՆ", "երեվան");
    check(*state, "ⴀ Ⴀ", "ⴀ ⴀ"); /* Georgian */
    check(*state, "שָׁלוֹם", "שלום");
    check(*state, "كِتَاب", "كتاب");
    check(*state, "หมา ม้า", "หมา ม้า");           /* tones tell words apart */
    check(*state, "किताब", "किताब");             /* and so do vowel signs */
    check(*state, "한국어 서울", "한국어 서울"); /* syllables stay whole */
    check(*state, "红色a衬", "红 色 a 衬");
    check(*state, "ガラス ｶﾗｽ", "ガ ラ ス カ ラ ス");
    check(*state, "\U0001F381 gift\U0001F381s — “x”…", "gift s x");
    check(*state, "\U00020000", "\U00020000");
    check(*state, "Lego™ 1½ m²", "lego 1 m2");
}

static void markup_is_no_word(void **state)
{
    check(*state, "<p style=\"margin:0\">Gold<br/>ring</p>", "gold ring");
    check(*state, "<ul><li>red</li><li>blue</li></ul>", "red blue");
    check(*state, "<a title=\"a > b\" href='x'>link</a>", "link");
    check(*state, "<!-- a <b> c -->d", "d");
    check(*state, "<!doctype html>a<?php b ?>c", "a c");
    check(*state, "<style>p { color: red }</style>x<SCRIPT type=\"a\">var y;</script >z", "x z");
    check(*state, "<styled>x", "x");
    check(*state, "Gr&uuml;n &amp; Wei&szlig; &nbsp;&#8364; &#x41;&#66; Caf&Eacute;", "grun weiss ab cafe");
    check(*state, "a&amp;nbsp;b soft&shy;ly &thetasym; &nonsense;", "a b softly");
    check(*state, "N&ordm; 5 m&sup2; &alpha;&Omega; &sdot; &sigmaf;", "no 5 m2 αω σ");
    check(*state, "red&nbsp blue&amp green", "red blue green");
    check(*state, "<p>Gold <![CDATA[ring & <b>stone</b>]]> x", "gold ring stone x");
    /* escaped as a whole */
    check(*state, "&lt;p class=&quot;big&quot;&gt;Gold&lt;/p&gt;&lt;!-- no --&gt; 3 &lt; 4 &gt; 2",
          "gold 3 4 2");
    check(*state, "&lt;b without an end", "b without an end");
    /* cut in its middle */
    check(*state, "ring <span class=\"big red", "ring");
    check(*state, "ring <!-- note <b>to me</b>", "ring");
    check(*state, "ring<script>var red = 1;", "ring");
    check(*state, "ring <STYLE type='a'>p { color: red", "ring");
    /* what is no markup */
    check(*state, "a < b, 5 <6, <3 batteries, x<y", "a b 5 6 3 batteries x y");
    check(*state, "AT&T R&D; Q&A", "at t r d q a");
    check(*state, "a <medium and = x", "a medium and x");
    check(*state, "<a title=\"never closed>word", "word");
    check(*state, "&#xD800;&#0;&#99999999999999999999;x", "x");
}

/* Each of these would take long if looking for an end began again and again. */
static void broken_markup_costs_no_more(void **state)
{
    static const char *const parts[] = {
        "<a ",       "<a =\"",    "<!-- ", "<!--> <!-- x",     "<style>", "</",
        "<style></", "&amp;amp;", "&#",    "<script></script", "<a b='>'"};
    enum { TIMES = 10000 }; /* the sanitizer measures the whole text for each strstr() */
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t length = strlen(parts[i]);
        char *text = arena_alloc(*state, TIMES * length + 1, 1);
        for (size_t j = 0; j < TIMES; j++)
            memcpy(text + j * length, parts[i], length);
        struct words words = {.arena = *state, .text = ""};
        search_words_split(text, stop_at_once, &words);
        size_t count = 0;
        search_words_split(text, count_words, &count);
    }
}

/* An element that is never closed, with what looks like its end again and again. */
static void an_element_without_end_costs_no_more(void **state)
{
    static const char part[] = "</script";
    enum { TIMES = 200000, LENGTH = sizeof(part) - 1 };
    char *text = arena_alloc(*state, TIMES * LENGTH + 16, 1);
    memcpy(text, "<script>", 8);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(text + 8 + i * LENGTH, part, LENGTH);
    struct words words = {.arena = *state, .text = ""};
    search_words_split(text, stop_at_once, &words);
}

static void codes_are_compared_without_signs(void **state)
{
    char code[SEARCH_WORD_BYTES];
    assert_int_equal(search_words_join(" AB-12 / 3", code), 5);
    assert_string_equal(code, "ab123");
    assert_int_equal(search_words_join("!?", code), 0);
    assert_int_equal(search_words_join(repeat(*state, 'x', SEARCH_WORD_BYTES - 1), code),
                     SEARCH_WORD_BYTES - 1);
    assert_int_equal(search_words_join(repeat(*state, 'x', SEARCH_WORD_BYTES), code), 0);
    assert_int_equal(search_words_join(repeat(*state, 'x', SEARCH_WORD_BYTES * 3), code), 0);
}

static void long_words_are_cut(void **state)
{
    struct arena *arena = *state;
    check(arena, repeat(arena, 'A', SEARCH_WORD_BYTES), repeat(arena, 'a', SEARCH_WORD_BYTES));
    check(arena, repeat(arena, 'a', SEARCH_WORD_BYTES + 1), repeat(arena, 'a', SEARCH_WORD_BYTES));
    char *odd = arena_format(arena, "%sЧa b", repeat(arena, 'x', SEARCH_WORD_BYTES - 1));
    check(arena, odd, arena_format(arena, "%s b", repeat(arena, 'x', SEARCH_WORD_BYTES - 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(ascii),
        ARENA_TEST(accents_are_dropped),
        ARENA_TEST(letters_of_other_scripts_fold),
        ARENA_TEST(an_element_without_end_costs_no_more),
        ARENA_TEST(markup_is_no_word),
        ARENA_TEST(broken_markup_costs_no_more),
        ARENA_TEST(codes_are_compared_without_signs),
        ARENA_TEST(long_words_are_cut),
    };
    return cmocka_run_group_tests_name("engine/search_words", tests, NULL, NULL);
}
