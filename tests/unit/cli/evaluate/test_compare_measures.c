/* Tests of cli/compare_measures against values worked out by hand, or by summing the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/evaluate/compare_measures.h"

#include <stdbool.h>
#include <string.h>

#define LIST(...)                                                                                            \
    (&(struct ranked){(const char *const[]){__VA_ARGS__},                                                    \
                      sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)})
static const struct ranked nothing = {NULL, 0};

static void test_overlap(void **state)
{
    (void)state;
    assert_float_equal(compare_overlap(LIST("a", "b"), LIST("b", "a")), 1, 1e-12);
    assert_float_equal(compare_overlap(LIST("a", "b", "c", "d"), LIST("e", "d", "f", "g")), 0.25, 1e-12);
    assert_float_equal(compare_overlap(LIST("a"), LIST("b", "a", "c", "d")), 0.25, 1e-12);
    assert_float_equal(compare_overlap(LIST("a"), LIST("b")), 0, 1e-12);
    assert_float_equal(compare_overlap(LIST("a"), &nothing), 0, 1e-12);
    assert_float_equal(compare_overlap(&nothing, &nothing), 0, 1e-12);
}

static void expect_rbo(const struct ranked *a, const struct ranked *b, double value)
{
    assert_float_equal(compare_rbo(a, b, 0.9), value, 1e-9);
    assert_float_equal(compare_rbo(b, a, 0.9), value, 1e-9);
}

static void test_rbo(void **state)
{
    (void)state;
    expect_rbo(LIST("a", "b", "c"), LIST("a", "b", "c"), 1);
    expect_rbo(LIST("a", "b", "c"), LIST("a"), 1); /* as far as can be seen */
    expect_rbo(LIST("a", "b"), LIST("c", "d"), 0);
    expect_rbo(LIST("a"), &nothing, 0);
    /* Only the first place disagrees: its weight is 1 - p. */
    expect_rbo(LIST("a", "b", "c", "d"), LIST("b", "a", "c", "d"), 0.9);
    expect_rbo(LIST("a", "b", "c", "d", "e"), LIST("f", "g", "h", "a", "b"), 0.280665);
    /* The sum of the definition over 3,000 places, agreement extrapolated beyond the ends. */
    expect_rbo(LIST("a", "b", "c"), LIST("b", "x", "c", "a", "y"), 0.734445);
    expect_rbo(LIST("a", "b"), LIST("c", "d", "a", "b"), 0.3915);
}

/* What the places say, as "aB": a was picked by team A. */
static const char *mix(const struct ranked *a, const struct ranked *b, size_t k, uint64_t seed)
{
    static char text[40];
    struct interleaved list[16];
    size_t count = compare_interleave(a, b, k, seed, list);
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = list[i].id[0];
        text[2 * i + 1] = list[i].team == TEAM_A ? 'A' : 'B';
    }
    text[2 * count] = '\0';
    return text;
}

static void test_interleaving(void **state)
{
    (void)state;
    const struct ranked *a = LIST("p", "q", "r"), *b = LIST("q", "p", "s");
    int first[2] = {0}, second[2] = {0};
    for (uint64_t seed = 0; seed < 2000; seed++) {
        /* Whoever begins, both teams get their own first and third choice: the two coins decide the order. */
        const char *list = mix(a, b, 4, seed);
        bool a_began = !strncmp(list, "pAqB", 4), b_began = !strncmp(list, "qBpA", 4);
        bool a_went_on = !strcmp(list + 4, "rAsB"), b_went_on = !strcmp(list + 4, "sBrA");
        if (a_began + b_began != 1 || a_went_on + b_went_on != 1)
            fail_msg("%s", list);
        first[b_began]++;
        second[b_went_on]++;
    }
    assert_in_range(first[0], 900, 1100);
    assert_in_range(second[0], 900, 1100);
    assert_string_equal(mix(a, b, 4, 12345), mix(a, b, 4, 12345));
}

static void test_interleaving_of_equal_lists_credits_both_alike(void **state)
{
    (void)state;
    const struct ranked *a = LIST("p", "q", "r", "s");
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct interleaved list[4];
        assert_int_equal(compare_interleave(a, a, 4, seed, list), 4);
        int picks = 0;
        for (int i = 0; i < 4; i++) {
            assert_string_equal(list[i].id, a->ids[i]);
            picks += list[i].team == TEAM_A;
        }
        assert_int_equal(picks, 2);
    }
}

static void test_interleaving_ends_with_the_shorter_list(void **state)
{
    (void)state;
    struct interleaved list[4];
    assert_int_equal(compare_interleave(LIST("p"), &nothing, 4, 1, list), 0);
    for (uint64_t seed = 0; seed < 50; seed++) {
        const char *text = mix(LIST("p"), LIST("q", "r", "s"), 4, seed);
        assert_true(!strcmp(text, "pAqB") || !strcmp(text, "qBpA"));
    }
    assert_int_equal(strlen(mix(LIST("p", "q"), LIST("r", "s"), 1, 7)), 2);
}

static void test_sign_test(void **state)
{
    (void)state;
    assert_float_equal(compare_sign_test(0, 0), 1, 1e-12);
    assert_float_equal(compare_sign_test(1, 0), 1, 1e-12);
    assert_float_equal(compare_sign_test(0, 6), 0.03125, 1e-12);  /* 2 / 64 */
    assert_float_equal(compare_sign_test(8, 2), 0.109375, 1e-12); /* 2 (1 + 10 + 45) / 1024 */
    assert_float_equal(compare_sign_test(2, 8), 0.109375, 1e-12);
    assert_float_equal(compare_sign_test(5, 5), 1, 1e-12);
    /* By the normal distribution with the correction for steps: z = 99 / sqrt(10000) */
    assert_float_equal(compare_sign_test(5050, 4950), 0.3222, 0.001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_rbo),
        cmocka_unit_test(test_interleaving),
        cmocka_unit_test(test_interleaving_of_equal_lists_credits_both_alike),
        cmocka_unit_test(test_interleaving_ends_with_the_shorter_list),
        cmocka_unit_test(test_sign_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
