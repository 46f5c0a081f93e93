/* The records of a training in slices: order, damage, torn ends, the lock. */
#include "../../engine/fixture.h"

#include "training/slices/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { LARGE = 200000 };

struct world {
    struct arena *arena;
    char *folder, *path;
};

static int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    world->arena = arena_create();
    world->folder = folder_create();
    world->path = folder_path(world->arena, world->folder, "state");
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    unlink(world->path);
    folder_remove(world->folder);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

static struct trainer_journal *open_good(const struct world *world)
{
    int error = 0;
    struct trainer_journal *journal = journal_open(world->path, &error);
    assert_non_null(journal);
    return journal;
}

static void put(struct trainer_journal *journal, uint64_t tag, const void *bytes, size_t size)
{
    journal_begin(journal, tag);
    journal_write(journal, bytes, size);
    journal_end(journal);
    assert_int_equal(journal_error(journal), 0);
}

static void put_three(const struct world *world)
{
    struct trainer_journal *journal = open_good(world);
    put(journal, 1, "one", 4);
    put(journal, 2, "", 0);
    put(journal, 3, "three", 6);
    journal_close(journal);
}

static size_t count_records(const struct world *world)
{
    struct trainer_journal *journal = open_good(world);
    uint64_t size, tag = 1;
    while (journal_enter(journal, tag, &size))
        tag++;
    journal_close(journal);
    return tag - 1;
}

static void records_come_back_in_order(void **state)
{
    const struct world *world = *state;
    uint64_t size;
    char text[6];
    put_three(world);
    struct trainer_journal *journal = open_good(world);
    assert_false(journal_enter(journal, 2, &size)); /* not the next one */
    assert_true(journal_enter(journal, 1, &size));
    assert_int_equal(size, 4);
    journal_read(journal, text, 2); /* in parts, */
    journal_read(journal, text + 2, 2);
    assert_string_equal(text, "one");
    assert_true(journal_enter(journal, 2, &size));
    assert_int_equal(size, 0);
    assert_true(journal_enter(journal, 3, &size)); /* or not at all */
    assert_false(journal_enter(journal, 4, &size));
    assert_int_equal(journal_error(journal), 0);
    journal_close(journal);
}

static void large_records_pass_the_buffer(void **state)
{
    const struct world *world = *state;
    uint32_t *numbers = memory_alloc(LARGE, sizeof(*numbers)), *read = memory_alloc(LARGE, sizeof(*read));
    uint64_t size;
    for (uint32_t i = 0; i < LARGE; i++)
        numbers[i] = i * 2654435761u;
    struct trainer_journal *journal = open_good(world);
    journal_begin(journal, 7);
    for (uint32_t i = 0; i < 1000; i++)
        journal_write(journal, &numbers[i], sizeof(*numbers));
    journal_write(journal, numbers + 1000, (LARGE - 1500) * sizeof(*numbers));
    journal_write(journal, numbers + LARGE - 500, 500 * sizeof(*numbers));
    journal_end(journal);
    journal_go_back(journal, 0);
    assert_true(journal_enter(journal, 7, &size));
    assert_int_equal(size, LARGE * sizeof(*numbers));
    journal_read(journal, read, 100);
    journal_read(journal, (char *)read + 100, size - 200);
    journal_read(journal, (char *)read + size - 100, 100);
    assert_memory_equal(read, numbers, size);
    assert_int_equal(journal_error(journal), 0);
    journal_read(journal, read, 1); /* past its end */
    assert_int_equal(journal_error(journal), EIO);
    journal_close(journal);
    memory_free(numbers);
    memory_free(read);
}

static void writing_cuts_off_what_is_behind(void **state)
{
    const struct world *world = *state;
    uint64_t size;
    put_three(world);
    struct trainer_journal *journal = open_good(world);
    assert_true(journal_enter(journal, 1, &size));
    put(journal, 9, "nine", 5);
    journal_close(journal);
    journal = open_good(world);
    assert_true(journal_enter(journal, 1, &size));
    assert_false(journal_enter(journal, 2, &size));
    assert_true(journal_enter(journal, 9, &size));
    assert_false(journal_enter(journal, 3, &size));
    journal_close(journal);
}

/* A kill leaves the file cut anywhere, a bad disk any byte wrong: whole records before that place count. */
static void what_is_torn_or_damaged_is_dropped(void **state)
{
    const struct world *world = *state;
    struct stat status;
    put_three(world);
    assert_int_equal(stat(world->path, &status), 0);
    for (off_t size = 0; size < status.st_size; size++) {
        unlink(world->path);
        put_three(world);
        assert_int_equal(truncate(world->path, size), 0);
        assert_in_range(count_records(world), 0, 2);
    }
    for (off_t place = 0; place < status.st_size; place++) {
        unlink(world->path);
        put_three(world);
        int descriptor = open(world->path, O_RDWR | O_CLOEXEC);
        unsigned char byte;
        assert_int_equal(pread(descriptor, &byte, 1, place), 1);
        byte ^= 0x10;
        assert_int_equal(pwrite(descriptor, &byte, 1, place), 1);
        close(descriptor);
        assert_in_range(count_records(world), 0, 2);
    }
}

static void only_one_may_have_it_open(void **state)
{
    const struct world *world = *state;
    int error = 0;
    struct trainer_journal *journal = open_good(world);
    assert_null(journal_open(world->path, &error));
    assert_int_equal(error, EWOULDBLOCK);
    journal_remove(journal);
    assert_int_equal(access(world->path, F_OK), -1);
    assert_null(journal_open(folder_path(world->arena, world->folder, "no/such"), &error));
    assert_int_equal(error, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_back_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(large_records_pass_the_buffer, setup, teardown),
        cmocka_unit_test_setup_teardown(writing_cuts_off_what_is_behind, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_torn_or_damaged_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(only_one_may_have_it_open, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
