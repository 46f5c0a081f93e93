/* Where the SQL files are looked for. */
#include "../base/fixture.h"

#include "cli/installed_file.h"

struct world {
    struct arena *arena;
    const char *folder, *beside; /* beside this program */
    char cwd[4096];
};

static int setup(void **state)
{
    static struct world world;
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    assert_true(length > 0);
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.beside = arena_format(world.arena, "%s/sql", program);
    assert_non_null(getcwd(world.cwd, sizeof(world.cwd)));
    assert_int_equal(chdir(world.folder), 0);
    unsetenv("PALATE_SQL_DIR");
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    rmdir("sql");
    rmdir(world->beside);
    assert_int_equal(chdir(world->cwd), 0);
    unsetenv("PALATE_SQL_DIR");
    folder_remove(world->arena, world->folder, NULL, 0);
    arena_destroy(world->arena);
    return 0;
}

static void expect(const char *named, const char *folder)
{
    char found[INSTALLED_PATH_SIZE];
    installed_file_find_sql(named, found);
    assert_string_equal(found, folder);
}

static void the_first_that_is_there(void **state)
{
    struct world *world = *state;
    expect("", PALATE_SQL_DIR);
    assert_int_equal(mkdir(world->beside, 0700), 0);
    expect("", world->beside);
    assert_int_equal(mkdir("sql", 0700), 0);
    expect("", "sql");
    setenv("PALATE_SQL_DIR", "", 1);
    expect("", "sql");
    setenv("PALATE_SQL_DIR", "/somewhere", 1);
    expect("", "/somewhere");
    expect("named", "named");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_that_is_there, setup, teardown),
    };
    return cmocka_run_group_tests_name("cli/installed_file", tests, NULL, NULL);
}
