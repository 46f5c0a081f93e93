/* How far words are apart, and that the mask rules out only far ones. */
#include "fixture.h"

#include "engine/word_distance.h"

static bool near(const char *left, const char *right, int limit)
{
    bool forth = words_are_near(left, strlen(left), right, strlen(right), limit);
    assert_int_equal(forth, words_are_near(right, strlen(right), left, strlen(left), limit));
    return forth;
}

static void how_far_words_are_apart(void **state)
{
    (void)state;
    assert_true(near("lampen", "lampen", 0));
    assert_false(near("lampen", "lampem", 0));
    assert_true(near("lampen", "lampem", 1));
    assert_true(near("lampen", "xampen", 1));
    assert_true(near("lampen", "lamen", 1));
    assert_true(near("lampen", "lammpen", 1));
    assert_true(near("lampen", "lapmen", 1)); /* swapped */
    assert_false(near("lampen", "lapmne", 1));
    assert_true(near("lampen", "lapmne", 2)); /* swapped twice */
    assert_false(near("ab", "cd", 1));
    assert_true(near("ab", "cd", 2));
    assert_true(near("", "a", 1));
    assert_false(near("", "ab", 1));
    assert_true(near("чайник", "чойник", 1)); /* letters, not bytes */
    assert_false(near("чайник", "чоник", 1));
    assert_true(near("한국어", "한국오", 1));
}

/* The mask may let words through that are far apart, but must not rule out near ones. */
static void masks_rule_out_only_far_words(void **state)
{
    static const char *const words[] = {"lampe", "lampen",       "ampel", "lamp",  "palme",
                                        "stamp", "lampenschirm", "лампа", "ламмпа"};
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        for (size_t j = 0; j < COUNT(words); j++) {
            for (int limit = 1; limit <= 2; limit++) {
                if (near(words[i], words[j], limit))
                    assert_true(__builtin_popcount(word_mask(words[i]) ^ word_mask(words[j])) <= 2 * limit);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_far_words_are_apart),
        cmocka_unit_test(masks_rule_out_only_far_words),
    };
    return cmocka_run_group_tests_name("engine/word_distance", tests, NULL, NULL);
}
