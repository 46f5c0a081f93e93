/* Random bytes and UUIDs: their form, and that they differ. */
#include "fixture.h"

#include "base/clock.h"
#include "base/random.h"

static void every_byte_is_filled(void **state)
{
    unsigned char bytes[64] = {0}, seen[64] = {0};
    (void)state;
    for (int round = 0; round < 20; round++) {
        random_fill(bytes, sizeof(bytes) - 1);
        for (size_t i = 0; i < sizeof(bytes); i++)
            seen[i] |= bytes[i];
    }
    /* All of 20 draws zero: 2^-160. */
    for (size_t i = 0; i < sizeof(bytes) - 1; i++)
        assert_int_not_equal(seen[i], 0);
    assert_int_equal(seen[63], 0);
    random_fill(bytes, 0);
}

static void uuids_are_of_version_4(void **state)
{
    char first[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE];
    (void)state;
    for (int round = 0; round < 100; round++) {
        random_uuid(first);
        random_uuid(second);
        assert_string_not_equal(first, second);
        assert_int_equal(strlen(first), 36);
        assert_int_equal(first[strspn(first, "0123456789abcdef-")], 0);
        assert_true(first[8] == '-' && first[13] == '-' && first[18] == '-' && first[23] == '-');
        assert_int_equal(first[14], '4');
        assert_non_null(strchr("89ab", first[19]));
    }
}

static void keys_begin_with_their_second(void **state)
{
    unsigned char first[16], second[16];
    int64_t before = clock_unix(), told = 0;
    (void)state;
    random_fill_in_order(first, sizeof(first));
    random_fill_in_order(second, sizeof(second));
    assert_true(memcmp(first, second, RANDOM_SECOND_BYTES) <= 0);
    assert_memory_not_equal(first + RANDOM_SECOND_BYTES, second + RANDOM_SECOND_BYTES, 12);
    for (int i = 0; i < RANDOM_SECOND_BYTES; i++)
        told = told << 8 | first[i];
    assert_in_range(told, before, clock_unix());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_byte_is_filled),
                                       cmocka_unit_test(uuids_are_of_version_4),
                                       cmocka_unit_test(keys_begin_with_their_second)};
    return cmocka_run_group_tests_name("base/random", tests, NULL, NULL);
}
