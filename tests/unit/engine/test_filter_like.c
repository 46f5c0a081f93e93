#include "fixture.h"

#include "engine/filter_operator.h"

#include <time.h>

static void plain_text_must_be_whole(void **state)
{
    (void)state;
    assert_true(filter_like("", "", false));
    assert_true(filter_like("red", "red", false));
    assert_false(filter_like("red", "re", false));
    assert_false(filter_like("re", "red", false));
    assert_false(filter_like("red", "", false));
    assert_false(filter_like("Red", "red", false));
}

static void percent_is_any_text(void **state)
{
    (void)state;
    assert_true(filter_like("", "%", false));
    assert_true(filter_like("red", "%", false));
    assert_true(filter_like("red", "r%", false));
    assert_true(filter_like("red", "%d", false));
    assert_true(filter_like("red", "%e%", false));
    assert_true(filter_like("red", "%%red%%", false));
    assert_true(filter_like("abcabd", "%abd", false));
    assert_true(filter_like("aXbXc", "a%b%c", false));
    assert_false(filter_like("red", "%x%", false));
    assert_false(filter_like("abc", "%b", false));
    assert_false(filter_like("ab", "a%b%b", false));
}

static void underscore_is_one_character(void **state)
{
    (void)state;
    assert_true(filter_like("red", "r_d", false));
    assert_false(filter_like("rd", "r_d", false));
    assert_false(filter_like("", "_", false));
    assert_true(filter_like("r\xc3\xa9"
                            "d",
                            "r_d", false)); /* 2 bytes */
    assert_true(filter_like("\xe2\x82\xac"
                            "5",
                            "_5", false));                      /* 3 bytes */
    assert_true(filter_like("\xf0\x9f\x8d\x8e!", "_!", false)); /* 4 bytes */
    assert_false(filter_like("\xf0\x9f\x8d\x8e!", "__!", false));
    assert_true(filter_like("x\xf0\x9f\x8d\x8ey", "%_y", false));
    assert_false(filter_like("\xe2\x82\xac"
                             "bc",
                             "%__bc", false));         /* % does not end inside a character */
    assert_true(filter_like("\xff\xfe", "__", false)); /* invalid: one character a byte */
    assert_true(filter_like("\xe2\x82", "__", false)); /* cut short */
    assert_true(filter_like("\xf0", "_", false));
}

static void backslash_escapes(void **state)
{
    (void)state;
    assert_true(filter_like("50%", "50\\%", false));
    assert_false(filter_like("500", "50\\%", false));
    assert_true(filter_like("a_b", "a\\_b", false));
    assert_false(filter_like("axb", "a\\_b", false));
    assert_true(filter_like("a\\b", "a\\\\b", false));
    assert_true(filter_like("a\\", "a\\", false)); /* at the end it is itself */
    assert_true(filter_like("x50% off", "%50\\%%", false));
}

static void fold_is_for_ascii(void **state)
{
    (void)state;
    assert_true(filter_like("Red Wine", "red%", true));
    assert_true(filter_like("red", "R\\ED", true));
    assert_false(filter_like("\xc3\x89", "\xc3\xa9", true));
    assert_false(filter_like("[", "{", true)); /* neighbours of the letters */
    assert_false(filter_like("@", "`", true));
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
    assert_false(filter_like(text, pattern, false));
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
