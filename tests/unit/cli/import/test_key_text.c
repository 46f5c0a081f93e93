/* Tests of cli/key_text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/import/key_text.h"

#include <string.h>

static void expect_key(const char *name, const char *expected)
{
    char key[KEY_SIZE];
    assert_true(key_derive(name, key));
    assert_string_equal(key, expected);
    assert_true(key_is_valid(key));
}

static void test_derive(void **state)
{
    (void)state;
    char key[KEY_SIZE], name[3 * KEY_CHARACTERS] = "";
    expect_key("Gift Shop", "gift-shop");
    expect_key("  My Shop & Co. ", "my-shop-co");
    expect_key("Caf\xC3\xA9 24", "caf-24");
    expect_key("a--b", "a-b");
    assert_false(key_derive("", key));
    assert_false(key_derive("\xE6\x97\xA5\xE6\x9C\xAC", key));
    for (size_t i = 0; i + 2 < sizeof(name); i += 2)
        memcpy(name + i, "x ", 3);
    assert_true(key_derive(name, key));
    assert_int_equal(strlen(key), KEY_CHARACTERS - 1); /* no hyphen at the end */
    assert_int_equal(key[strlen(key) - 1], 'x');
    memset(name, 'y', sizeof(name) - 1);
    assert_true(key_derive(name, key));
    assert_int_equal(strlen(key), KEY_CHARACTERS);
}

static void test_valid(void **state)
{
    (void)state;
    char key[KEY_CHARACTERS + 2] = "";
    assert_true(key_is_valid("a-1"));
    assert_false(key_is_valid(""));
    assert_false(key_is_valid("A"));
    assert_false(key_is_valid("a b"));
    memset(key, 'k', KEY_CHARACTERS);
    assert_true(key_is_valid(key));
    key[KEY_CHARACTERS] = 'k';
    assert_false(key_is_valid(key));
}

static void test_ids(void **state)
{
    (void)state;
    char id[3 * 128 + 1] = "";
    assert_null(id_problem("a", 128));
    assert_null(id_problem("it's 100% \"x\"", 128));
    assert_non_null(id_problem("", 128));
    assert_non_null(id_problem(" a", 128));
    assert_non_null(id_problem("a ", 128));
    assert_non_null(id_problem("a\nb", 128));
    assert_non_null(id_problem("a\x7f", 128));
    assert_non_null(id_problem("\xff", 128));
    for (size_t i = 0; i < 128; i++)
        memcpy(id + 3 * i, "\xE2\x82\xAC", 3);
    assert_null(id_problem(id, 128));
    assert_non_null(id_problem(id, 127));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derive),
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
