/* LIKE: what matches, the same as a matcher that tries everything, and what it takes. */
#include "fixture.h"

#include "base/hash.h"
#include "base/work_budget.h"
#include "engine/filter_like.h"

static bool like(const char *text, const char *pattern, bool fold)
{
    struct arena *arena = arena_create();
    struct filter_like *compiled = filter_like_compile(arena, pattern, fold);
    bool matches = filter_like_matches(compiled, text);
    assert_int_equal(filter_like_matches(compiled, text), matches); /* nothing is left of the first time */
    arena_destroy(arena);
    return matches;
}

static void plain_text_must_be_whole(void **state)
{
    (void)state;
    assert_true(like("", "", false));
    assert_true(like("red", "red", false));
    assert_false(like("red", "re", false));
    assert_false(like("re", "red", false));
    assert_false(like("red", "", false));
    assert_false(like("Red", "red", false));
}

static void percent_is_any_text(void **state)
{
    (void)state;
    assert_true(like("", "%", false));
    assert_true(like("red", "%", false));
    assert_true(like("red", "r%", false));
    assert_true(like("red", "%d", false));
    assert_true(like("red", "%e%", false));
    assert_true(like("red", "%%red%%", false));
    assert_true(like("abcabd", "%abd", false));
    assert_true(like("aXbXc", "a%b%c", false));
    assert_false(like("red", "%x%", false));
    assert_false(like("abc", "%b", false));
    assert_false(like("ab", "a%b%b", false));
}

static void underscore_is_one_character(void **state)
{
    (void)state;
    assert_true(like("red", "r_d", false));
    assert_false(like("rd", "r_d", false));
    assert_false(like("", "_", false));
    assert_true(like("r\xc3\xa9"
                     "d",
                     "r_d", false)); /* 2 bytes */
    assert_true(like("\xe2\x82\xac"
                     "5",
                     "_5", false));                      /* 3 bytes */
    assert_true(like("\xf0\x9f\x8d\x8e!", "_!", false)); /* 4 bytes */
    assert_false(like("\xf0\x9f\x8d\x8e!", "__!", false));
    assert_true(like("x\xf0\x9f\x8d\x8ey", "%_y", false));
    assert_false(like("\xe2\x82\xac"
                      "bc",
                      "%__bc", false));         /* % does not end inside a character */
    assert_true(like("\xff\xfe", "__", false)); /* invalid: one character a byte */
    assert_true(like("\xe2\x82", "__", false)); /* cut short */
    assert_true(like("\xf0", "_", false));
}

static void backslash_escapes(void **state)
{
    (void)state;
    assert_true(like("50%", "50\\%", false));
    assert_false(like("500", "50\\%", false));
    assert_true(like("a_b", "a\\_b", false));
    assert_false(like("axb", "a\\_b", false));
    assert_true(like("a\\b", "a\\\\b", false));
    assert_true(like("a\\", "a\\", false)); /* at the end it is itself */
    assert_true(like("x50% off", "%50\\%%", false));
}

static void fold_knows_every_script(void **state)
{
    (void)state;
    assert_true(like("Red Wine", "red%", true));
    assert_true(like("red", "R\\ED", true));
    assert_true(like("ÉTÉ", "été", true));
    assert_true(like("Большой ЧАЙНИК", "%чайник", true));
    assert_true(like("μέγας", "ΜΈΓΑ_", true));
    assert_true(like("ΜΈΓΑΣ", "%γας", true));
    assert_true(like("İznik", "i%", true));
    assert_true(like("5 \u212a", "5 k", true)); /* the Kelvin sign */
    assert_false(like("ÉTÉ", "ete", true));     /* accents count */
    assert_false(like("ÉTÉ", "été", false));
    assert_false(like("[", "{", true)); /* neighbours of the letters */
    assert_false(like("@", "`", true));
}

/* ---- Against a matcher that tries everything */

static size_t character_bytes(const char *text)
{
    unsigned char first = (unsigned char)*text;
    size_t length = first < 0xc2 || first >= 0xf8 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
    return length;
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + ('a' - 'A')) : letter;
}

static bool naive_like(const char *text, const char *pattern, bool fold)
{
    for (; *pattern; pattern++) {
        if (*pattern == '%') {
            for (; *text; text += character_bytes(text))
                if (naive_like(text, pattern + 1, fold))
                    return true;
            continue;
        }
        if (!*text)
            return false;
        if (*pattern == '_') {
            text += character_bytes(text);
            continue;
        }
        if (*pattern == '\\' && pattern[1])
            pattern++;
        if (*text != *pattern && !(fold && lower(*text) == lower(*pattern)))
            return false;
        text++;
    }
    return !*text;
}

/* Joins up to `most` of the pieces at random. */
static void join_pieces(char *text, const char *const *pieces, size_t count, size_t most, uint64_t *seed)
{
    *text = '\0';
    for (size_t left = hash_next(seed) % (most + 1); left; left--)
        text = stpcpy(text, pieces[hash_next(seed) % count]);
}

static void expect_as_naive(const char *text, const char *pattern, bool fold)
{
    if (like(text, pattern, fold) != naive_like(text, pattern, fold))
        fail_msg("%s LIKE %s, fold %d: not %d", text, pattern, fold, naive_like(text, pattern, fold));
}

/* Few different pieces, so that many pairs match nearly or in several ways. */
static void short_ones_match_as_a_naive_matcher_says(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a",    "a",    "b",   "A", "%", "_", "\\", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8d\x8e",
        "\xc3", "\x80", "\xff"};
    static const char *const patterns[] = {"a",          "a",
                                           "b",          "B",
                                           "%",          "%",
                                           "_",          "_",
                                           "\\%",        "\\_",
                                           "\\\\",       "\\a",
                                           "\\b",        "\\A",
                                           "\xc3\xa9",   "\xe2\x82\xac",
                                           "\\\xc3\xa9", "\xf0\x9f\x8d\x8e"};
    char text[64], pattern[64];
    uint64_t seed = 1;
    int matching = 0;
    for (int i = 0; i < 40000; i++) {
        join_pieces(text, texts, COUNT(texts), 8, &seed);
        join_pieces(pattern, patterns, COUNT(patterns), 7, &seed);
        expect_as_naive(text, pattern, i % 2);
        matching += like(text, pattern, i % 2);
    }
    assert_true(matching > 1000);
}

/* Stretches of more than one word of states, ending at every bit. */
static void long_ones_match_as_a_naive_matcher_says(void **state)
{
    (void)state;
    static const char *const texts[] = {"a", "a", "a", "b"}, *const patterns[] = {"a", "a", "_"};
    char text[400], pattern[400];
    uint64_t seed = 2;
    int matching = 0;
    for (int i = 0; i < 1500; i++) {
        char *end = stpcpy(pattern, i % 3 ? "%" : "");
        join_pieces(text, texts, i % 2 ? 1 : COUNT(texts), 200, &seed);
        for (int parts = i % 20 ? 1 + i / 2 % 2 : 3; parts; parts--) {
            join_pieces(end, patterns, COUNT(patterns), 130, &seed);
            end = stpcpy(end + strlen(end), parts > 1 || i % 5 ? "%" : "");
        }
        expect_as_naive(text, pattern, false);
        matching += like(text, pattern, false);
    }
    assert_true(matching > 200);
}

/* ---- What it takes */

static uint64_t count_steps(const char *text, const char *pattern)
{
    struct error error = {0};
    work_budget_set(60000, NULL, NULL);
    work_budget_start();
    assert_false(like(text, pattern, false)); /* matches twice */
    assert_true(work_budget_stop(&error));
    uint64_t steps = work_budget_taken() / 2;
    work_budget_clear();
    return steps;
}

static char *repeat(struct arena *arena, const char *piece, size_t times, const char *end)
{
    char *text = arena_alloc(arena, strlen(piece) * times + strlen(end) + 1, 1), *at = text;
    while (times--)
        at = stpcpy(at, piece);
    stpcpy(at, end);
    return text;
}

/* Each of these took text length x pattern length once: 60 million steps. */
static void no_pattern_takes_long(void **state)
{
    (void)state;
    enum { LENGTH = 60000, PATTERN = 1000 };
    struct arena *arena = arena_create();
    const char *text = repeat(arena, "a", LENGTH, "");
    const char *const patterns[] = {
        arena_format(arena, "%%%s", repeat(arena, "a", PATTERN - 2, "b")),
        arena_format(arena, "%%%s%%", repeat(arena, "_", PATTERN - 3, "Q")),
        arena_format(arena, "%%%s", repeat(arena, "_a", PATTERN / 2 - 1, "b")),
        arena_format(arena, "%%%s%%", repeat(arena, "a", PATTERN / 2, "b")),
        repeat(arena, "%a", PATTERN / 2 - 1, "b"),
        repeat(arena, "%_", PATTERN / 2 - 1, "b"),
        repeat(arena, "%aaaaaaaaab", PATTERN / 11, ""),
        repeat(arena, "%_________b", PATTERN / 11, ""),
    };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        uint64_t steps = count_steps(text, patterns[i]);
        assert_true(steps > 0 && steps <= LENGTH * (PATTERN / 64 + 1) / 8 + PATTERN);
    }
    assert_true(count_steps(text, "%b%") < LENGTH / 8 + 10);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_must_be_whole),
        cmocka_unit_test(percent_is_any_text),
        cmocka_unit_test(underscore_is_one_character),
        cmocka_unit_test(backslash_escapes),
        cmocka_unit_test(fold_knows_every_script),
        cmocka_unit_test(no_pattern_takes_long),
        cmocka_unit_test(short_ones_match_as_a_naive_matcher_says),
        cmocka_unit_test(long_ones_match_as_a_naive_matcher_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
