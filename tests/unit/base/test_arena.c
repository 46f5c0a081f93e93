/* An arena zeroes, aligns, keeps what was asked for apart, and lets go of everything in one place. */
#include "fixture.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    struct arena *arena = *state;
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *bytes = arena_alloc(arena, size, 1);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xAA, size);
    }
}

/* Blocks are 64 KiB: just inside, just over, far over, and back to small ones. */
static void sizes_around_a_block_do_not_overlap(void **state)
{
    static const size_t sizes[] = {65536 - 16, 16, 65536, 65537, 1, 1000000, 8, 65535, 65520, 32};
    struct arena *arena = *state;
    unsigned char *bytes[COUNT(sizes)];
    for (size_t i = 0; i < COUNT(sizes); i++) {
        bytes[i] = arena_alloc(arena, 1, sizes[i]);
        memset(bytes[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT(sizes); i++) {
        assert_int_equal(bytes[i][0], i + 1);
        assert_int_equal(bytes[i][sizes[i] / 2], i + 1);
        assert_int_equal(bytes[i][sizes[i] - 1], i + 1);
    }
}

/* From a few bytes up to blocks of the usual size. */
static void a_small_one_grows(void **state)
{
    enum { PIECES = 3000 };
    struct arena *arena = arena_create_small(64);
    uint32_t *pieces[PIECES];
    (void)state;
    for (uint32_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(arena, 1 + i % 50, sizeof(**pieces));
        assert_int_equal(pieces[i][i % 50], 0);
        for (uint32_t j = 0; j <= i % 50; j++)
            pieces[i][j] = i;
    }
    for (uint32_t i = 0; i < PIECES; i++)
        assert_true(pieces[i][0] == i && pieces[i][i % 50] == i);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    assert_int_equal(*(unsigned char *)arena_alloc(arena, 100, 1), 0);
    arena_destroy(arena);
}

static void memory_is_zeroed_after_a_reset_too(void **state)
{
    struct arena *arena = *state;
    for (int round = 0; round < 3; round++) {
        unsigned char *small = arena_alloc(arena, 1000, 1), *large = arena_alloc(arena, 100000, 1);
        for (size_t i = 0; i < 1000; i++)
            assert_int_equal(small[i], 0);
        assert_int_equal(large[0] | large[99999], 0);
        memset(small, 0xFF, 1000);
        memset(large, 0xFF, 100000);
        arena_reset(arena);
    }
}

static void used_bytes_are_counted_until_the_reset(void **state)
{
    struct arena *arena = *state;
    assert_int_equal(arena_used(arena), 0);
    assert_non_null(arena_alloc(arena, 3, 100));
    assert_in_range(arena_used(arena), 300, 300 + 16);
    assert_non_null(arena_alloc(arena, 100000, 1));
    assert_in_range(arena_used(arena), 100300, 100400);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
}

static void copies_have_a_zero_behind(void **state)
{
    struct arena *arena = *state;
    char *bytes = arena_copy_bytes(arena, "ab\0cd", 5);
    assert_memory_equal(bytes, "ab\0cd\0", 6);
    assert_string_equal(arena_copy_bytes(arena, "abcd", 2), "ab");
    assert_string_equal(arena_copy_bytes(arena, NULL, 0), "");
    assert_string_equal(arena_copy_text(arena, "text"), "text");
    assert_string_equal(arena_copy_text(arena, ""), "");
    assert_ptr_not_equal(arena_copy_text(arena, ""), arena_copy_text(arena, ""));
}

static void formats_of_any_length(void **state)
{
    struct arena *arena = *state;
    assert_string_equal(arena_format(arena, "%s-%d-%zu", "a", -3, (size_t)4), "a--3-4");
    assert_string_equal(arena_format(arena, "%s", ""), "");
    char *large = arena_format(arena, "%0*d", 200000, 7);
    assert_int_equal(strlen(large), 200000);
    assert_int_equal(large[199999], '7');
}

struct release_log {
    int released[4];
    size_t count;
};
static struct release_log release_log;

static void note_release(void *object)
{
    release_log.released[release_log.count++] = *(int *)object;
}

static void deferred_releases_run_once_newest_first(void **state)
{
    static int numbers[] = {1, 2, 3};
    struct arena *arena = arena_create();
    (void)state;
    release_log = (struct release_log){0};
    arena_defer(arena, note_release, &numbers[0]);
    arena_defer(arena, note_release, &numbers[1]);
    assert_int_equal(release_log.count, 0);
    arena_reset(arena);
    assert_int_equal(release_log.count, 2);
    assert_int_equal(release_log.released[0], 2);
    assert_int_equal(release_log.released[1], 1);
    arena_reset(arena);
    assert_int_equal(release_log.count, 2);
    arena_defer(arena, note_release, &numbers[2]);
    arena_destroy(arena);
    assert_int_equal(release_log.count, 3);
    assert_int_equal(release_log.released[2], 3);
}

static bool was_whole;

static void look_at_text(void *object)
{
    was_whole = !strcmp(object, "still here");
}

/* A deferred release may look at memory of the same arena: it runs before that goes. */
static void memory_lives_until_releases_have_run(void **state)
{
    struct arena *arena = *state;
    was_whole = false;
    assert_non_null(arena_alloc(arena, 70000, 1));
    arena_defer(arena, look_at_text, arena_copy_text(arena, "still here"));
    assert_non_null(arena_alloc(arena, 70000, 1));
    arena_reset(arena);
    assert_true(was_whole);
}

/* lint: tests, a crash or a leak would be the failure. */
static void destroying_nothing_is_fine(void **state)
{
    (void)state;
    arena_destroy(NULL);
    arena_destroy(arena_create());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(memory_is_zeroed_and_aligned),
        cmocka_unit_test(a_small_one_grows),
        ARENA_TEST(sizes_around_a_block_do_not_overlap),
        ARENA_TEST(memory_is_zeroed_after_a_reset_too),
        ARENA_TEST(used_bytes_are_counted_until_the_reset),
        ARENA_TEST(copies_have_a_zero_behind),
        ARENA_TEST(formats_of_any_length),
        cmocka_unit_test(deferred_releases_run_once_newest_first),
        ARENA_TEST(memory_lives_until_releases_have_run),
        cmocka_unit_test(destroying_nothing_is_fine),
    };
    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
