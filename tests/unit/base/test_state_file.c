/* A file that is shared, of one format, and never taken for what it is not. */
#include "fixture.h"

#include "base/state_file.h"

#define FORMAT UINT64_C(0x1122334455667788)

struct state {
    _Atomic uint64_t format, number;
};

struct world {
    struct arena *arena;
    const char *folder, *path;
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.path = arena_format(world.arena, "%s/state", world.folder);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"state", "link"};
    struct world *world = *state;
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

static void expect_refused(const char *path, const char *says)
{
    char problem[300] = "";
    assert_null(state_file_open(path, sizeof(struct state), FORMAT, problem, sizeof(problem)));
    if (!strstr(problem, path) || !strstr(problem, says))
        fail_msg("\"%s\" does not say %s: %s", problem, path, says);
}

static void all_see_the_same_numbers(void **state)
{
    struct world *world = *state;
    char problem[300] = "";
    struct stat status;
    struct state seen;
    assert_false(state_file_read(world->path, &seen, sizeof(seen), FORMAT));
    assert_int_not_equal(access(world->path, F_OK), 0); /* reading makes no file */
    struct state *first = state_file_open(world->path, sizeof(*first), FORMAT, problem, sizeof(problem));
    struct state *second = state_file_open(world->path, sizeof(*second), FORMAT, problem, sizeof(problem));
    assert_true(first && second && first != second);
    assert_true(first->number == 0);
    first->number = 7;
    assert_true(second->number == 7);
    assert_true(state_file_read(world->path, &seen, sizeof(seen), FORMAT) && seen.number == 7);
    assert_false(state_file_read(world->path, &seen, sizeof(seen), FORMAT + 1));
    state_file_close(first, sizeof(*first));
    state_file_close(second, sizeof(*second));
    state_file_close(NULL, sizeof(*second));
    assert_int_equal(stat(world->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_true(status.st_blocks > 0); /* no hole, which a full disk could not fill */
}

static void what_is_none_is_refused(void **state)
{
    struct world *world = *state;
    struct state seen;
    const char *link = arena_format(world->arena, "%s/link", world->folder);
    text_write(world->arena, world->folder, "state", "some notes that somebody keeps here");
    expect_refused(world->path, "is something else than a state file");
    assert_false(state_file_read(world->path, &seen, sizeof(seen), FORMAT));
    assert_int_equal(symlink(world->path, link), 0);
    expect_refused(link, "cannot be opened");
    expect_refused(world->folder, "cannot be opened");
    expect_refused("/dev/null", "cannot be used");
    assert_false(state_file_read("/dev/null", &seen, sizeof(seen), FORMAT));
    expect_refused(arena_format(world->arena, "%s/absent/state", world->folder), "cannot be opened");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_see_the_same_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_none_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests_name("base/state_file", tests, NULL, NULL);
}
