#include "fixture.h"

#include "engine/like.h"

#include <time.h>

static void plain_text_must_be_whole(void **state)
{
    (void)state;
    assert_true(like_matches("", "", false));
    assert_true(like_matches("red", "red", false));
    assert_false(like_matches("red", "re", false));
    assert_false(like_matches("re", "red", false));
    assert_false(like_matches("red", "", false));
    assert_false(like_matches("Red", "red", false));
}

static void percent_is_any_text(void **state)
{
    (void)state;
    assert_true(like_matches("", "%", false));
    assert_true(like_matches("red", "%", false));
    assert_true(like_matches("red", "r%", false));
    assert_true(like_matches("red", "%d", false));
    assert_true(like_matches("red", "%e%", false));
    assert_true(like_matches("red", "%%red%%", false));
    assert_true(like_matches("abcabd", "%abd", false));
    assert_true(like_matches("aXbXc", "a%b%c", false));
    assert_false(like_matches("red", "%x%", false));
    assert_false(like_matches("abc", "%b", false));
    assert_false(like_matches("ab", "a%b%b", false));
}

static void underscore_is_one_character(void **state)
{
    (void)state;
    assert_true(like_matches("red", "r_d", false));
    assert_false(like_matches("rd", "r_d", false));
    assert_false(like_matches("", "_", false));
    assert_true(like_matches("r\xc3\xa9"
                             "d",
                             "r_d", false)); /* 2 bytes */
    assert_true(like_matches("\xe2\x82\xac"
                             "5",
                             "_5", false));                      /* 3 bytes */
    assert_true(like_matches("\xf0\x9f\x8d\x8e!", "_!", false)); /* 4 bytes */
    assert_false(like_matches("\xf0\x9f\x8d\x8e!", "__!", false));
    assert_true(like_matches("x\xf0\x9f\x8d\x8ey", "%_y", false));
    assert_false(like_matches("\xe2\x82\xac"
                              "bc",
                              "%__bc", false));         /* % does not end inside a character */
    assert_true(like_matches("\xff\xfe", "__", false)); /* invalid: one character a byte */
    assert_true(like_matches("\xe2\x82", "__", false)); /* cut short */
    assert_true(like_matches("\xf0", "_", false));
}

static void backslash_escapes(void **state)
{
    (void)state;
    assert_true(like_matches("50%", "50\\%", false));
    assert_false(like_matches("500", "50\\%", false));
    assert_true(like_matches("a_b", "a\\_b", false));
    assert_false(like_matches("axb", "a\\_b", false));
    assert_true(like_matches("a\\b", "a\\\\b", false));
    assert_true(like_matches("a\\", "a\\", false)); /* at the end it is itself */
    assert_true(like_matches("x50% off", "%50\\%%", false));
}

static void fold_is_for_ascii(void **state)
{
    (void)state;
    assert_true(like_matches("Red Wine", "red%", true));
    assert_true(like_matches("red", "R\\ED", true));
    assert_false(like_matches("\xc3\x89", "\xc3\xa9", true));
    assert_false(like_matches("[", "{", true)); /* neighbours of the letters */
    assert_false(like_matches("@", "`", true));
}

static void time_is_bounded(void **state)
{
    (void)state;
    enum { LENGTH = 20000 };
    char *text = memory_alloc(LENGTH + 1, 1), pattern[64] = "";
    memset(text, 'a', LENGTH);
    for (int i = 0; i < 20; i++)
        snprintf(pattern + i * 2, sizeof(pattern) - (size_t)i * 2, "%%a");
    pattern[40] = 'b'; /* an exponential matcher would not end */
    clock_t start = clock();
    assert_false(like_matches(text, pattern, false));
    assert_true((clock() - start) / CLOCKS_PER_SEC < 5);
    memory_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_must_be_whole),    cmocka_unit_test(percent_is_any_text),
        cmocka_unit_test(underscore_is_one_character), cmocka_unit_test(backslash_escapes),
        cmocka_unit_test(fold_is_for_ascii),           cmocka_unit_test(time_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
