/* The hashes against published values, and the map against a plain array. */
#include "fixture.h"

#include "base/hash.h"

/* Of the test vectors of draft-eastlake-fnv. */
static void fnv_gives_the_published_values(void **state)
{
    (void)state;
    assert_true(hash_bytes(HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_bytes(HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_bytes(HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(hash_bytes(hash_bytes(HASH_START, "foo", 3), "bar", 3) ==
                hash_bytes(HASH_START, "foobar", 6));
}

/* The reference implementation's first draws from the states 0 and 1234567. */
static void splitmix_gives_the_published_draws(void **state)
{
    static const uint64_t zero[] = {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
                                    UINT64_C(0x06c45d188009454f)};
    static const uint64_t other[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                     UINT64_C(9817491932198370423)};
    uint64_t walk = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(zero); i++) {
        assert_true(hash_next(&walk) == zero[i]);
        assert_true(hash_draw(i * HASH_GOLDEN) == zero[i]);
        assert_true(hash_draw(1234567 + i * HASH_GOLDEN) == other[i]);
    }
    assert_true(hash_finish(0) == 0);
}

static void spreading_reaches_the_high_bits(void **state)
{
    unsigned seen = 0;
    (void)state;
    for (uint64_t number = 0; number < 64; number++)
        seen |= 1U << (hash_spread(number) >> 60);
    assert_int_equal(seen, 0xffff);
}

static void a_map_keeps_what_is_set(void **state)
{
    enum { KEYS = 5000 };
    struct hash_map map = {0};
    (void)state;
    assert_true(hash_map_get(&map, 7) == 0);
    assert_int_equal(hash_map_bytes(&map), 0);
    for (uint64_t key = 0; key < KEYS; key++)
        hash_map_set(&map, key << 32 | key, key + 1);
    for (uint64_t key = 0; key < KEYS; key += 2)
        hash_map_set(&map, key << 32 | key, 2 * key + 1); /* replaces */
    hash_map_set(&map, UINT64_MAX, UINT64_MAX);
    assert_int_equal(map.count, KEYS + 1);
    assert_true(map.size >= 2 * map.count && hash_map_bytes(&map) >= map.count * 32);
    for (uint64_t key = 0; key < KEYS; key++)
        assert_true(hash_map_get(&map, key << 32 | key) == (key % 2 ? key + 1 : 2 * key + 1));
    assert_true(hash_map_get(&map, UINT64_MAX) == UINT64_MAX);
    assert_true(hash_map_get(&map, KEYS) == 0);
    hash_map_clear(&map);
    assert_int_equal(map.count, 0);
    assert_true(hash_map_get(&map, 0) == 0);
}

static void keys_that_are_alike_can_be_counted(void **state)
{
    struct hash_map map = {0};
    (void)state;
    for (uint32_t round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 5000; i++) {
            assert_int_equal(hash_map_get(&map, i * 1024), round);
            hash_map_set(&map, i * 1024, round + 1);
        }
    }
    hash_map_clear(&map);
}

static void a_walk_meets_every_value_once(void **state)
{
    enum { KEYS = 300 };
    struct hash_map map = {0};
    bool met[KEYS + 1] = {false};
    uint64_t value;
    size_t cursor = 0, count = 0;
    (void)state;
    assert_false(hash_map_next(&map, &cursor, &value));
    for (uint64_t key = 0; key < KEYS; key++)
        hash_map_set(&map, key * 64, key + 1);
    for (cursor = 0; hash_map_next(&map, &cursor, &value); count++) {
        assert_in_range(value, 1, KEYS);
        assert_false(met[value]);
        met[value] = true;
    }
    assert_int_equal(count, KEYS);
    hash_map_clear(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fnv_gives_the_published_values),
                                       cmocka_unit_test(splitmix_gives_the_published_draws),
                                       cmocka_unit_test(spreading_reaches_the_high_bits),
                                       cmocka_unit_test(a_map_keeps_what_is_set),
                                       cmocka_unit_test(keys_that_are_alike_can_be_counted),
                                       cmocka_unit_test(a_walk_meets_every_value_once)};
    return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
