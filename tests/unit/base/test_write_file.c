/* A file is there wholly or not at all, and nothing else is left in its folder. */
#include "fixture.h"

#include "base/write_file.h"

struct world {
    struct arena *arena;
    const char *folder, *path;
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.path = text_write(world.arena, world.folder, "file", "before");
    *state = &world;
    return 0;
}

/* Fails when a temporary file is left. */
static int teardown(void **state)
{
    static const char *const names[] = {"file"};
    struct world *world = *state;
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

static void expect_text(const char *path, const char *text)
{
    char found[32] = "";
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(descriptor >= 0 && read(descriptor, found, sizeof(found) - 1) == (ssize_t)strlen(text));
    close(descriptor);
    assert_string_equal(found, text);
}

static void a_commit_replaces_the_file(void **state)
{
    struct world *world = *state;
    struct write_file file;
    struct stat status;
    assert_int_equal(write_file_begin(&file, world->path), 0);
    assert_true(write_fully(file.descriptor, "the new one", 11));
    expect_text(world->path, "before");
    expect_text(file.temporary, "the new one");
    assert_int_equal(write_file_commit(&file, 0640), 0);
    expect_text(world->path, "the new one");
    assert_int_equal(stat(world->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
}

static void what_need_not_last_is_replaced_as_a_whole_too(void **state)
{
    struct world *world = *state;
    struct write_file file;
    assert_int_equal(write_file_begin(&file, world->path), 0);
    assert_true(write_fully(file.descriptor, "a cache", 7));
    expect_text(world->path, "before");
    assert_int_equal(write_file_commit_unsynced(&file, 0600), 0);
    expect_text(world->path, "a cache");
}

static void what_is_abandoned_leaves_no_trace(void **state)
{
    struct world *world = *state;
    struct write_file file;
    assert_int_equal(write_file_begin(&file, world->path), 0);
    assert_true(write_fully(file.descriptor, "half", 4));
    write_file_abandon(&file);
    expect_text(world->path, "before");
    write_file_abandon(&file); /* again is fine */
}

static void a_failure_leaves_the_file_of_before(void **state)
{
    struct world *world = *state;
    struct write_file file;
    assert_int_equal(write_file_begin(&file, arena_format(world->arena, "%s/absent/file", world->folder)),
                     ENOENT);
    /* A folder cannot be replaced by a file. */
    const char *inner = arena_format(world->arena, "%s/inner", world->folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(write_file_begin(&file, inner), 0);
    assert_int_equal(write_file_commit(&file, 0600), EISDIR);
    assert_int_equal(rmdir(inner), 0);
}

static void writing_says_what_is_wrong(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(write_fully(ends[1], "ab", 2));
    assert_true(write_fully(ends[1], "", 0));
    assert_false(write_fully(ends[0], "ab", 2)); /* the reading end */
    assert_int_equal(errno, EBADF);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_commit_replaces_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(what_need_not_last_is_replaced_as_a_whole_too, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_abandoned_leaves_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_leaves_the_file_of_before, setup, teardown),
        cmocka_unit_test(writing_says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("base/write_file", tests, NULL, NULL);
}
