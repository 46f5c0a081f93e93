#include "fixture.h"

#include "engine/intern.h"

static void numbers_follow_arrival(void **state)
{
    (void)state;
    struct intern *intern = intern_create();
    uint32_t number = 99;
    assert_int_equal(intern_add(intern, "b"), 0);
    assert_int_equal(intern_add(intern, "a"), 1);
    assert_int_equal(intern_add(intern, "b"), 0);
    assert_int_equal(intern_add(intern, ""), 2);
    assert_int_equal(intern_count(intern), 3);
    assert_string_equal(intern_text(intern, 1), "a");
    assert_true(intern_find(intern, "abc", 1, &number));
    assert_int_equal(number, 1);
    number = 99;
    assert_false(intern_find(intern, "abc", 2, &number));
    assert_false(intern_find(intern, "a\0b", 3, &number));
    assert_int_equal(number, 99);
    assert_true(intern_find(intern, "abc", 0, &number));
    assert_int_equal(number, 2);
    intern_destroy(intern);
}

static void many_texts_keep_their_numbers(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct intern *intern = intern_create();
    char text[16];
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            snprintf(text, sizeof(text), "t%u", i * 7919);
            assert_int_equal(intern_add(intern, text), i);
        }
    }
    assert_int_equal(intern_count(intern), MANY);
    assert_true(intern_bytes(intern) > MANY * 4);
    intern_destroy(intern);
    intern_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_follow_arrival),
        cmocka_unit_test(many_texts_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
