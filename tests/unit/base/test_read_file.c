/* Small files: whole, bounded, and only regular ones. */
#include "fixture.h"

#include "base/read_file.h"

struct world {
    struct arena *arena;
    const char *folder;
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"file", "link"};
    struct world *world = *state;
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

static void check_refused(const char *path, size_t limit, const char *says)
{
    char problem[5000] = "";
    size_t length = 99;
    assert_null(read_file(path, limit, &length, problem, sizeof(problem)));
    assert_non_null(strstr(problem, path));
    if (!strstr(problem, says))
        fail_msg("%s does not say %s", problem, says);
}

static void files_are_read_whole(void **state)
{
    struct world *world = *state;
    char problem[100] = "";
    size_t length;
    const char *path = file_write(world->arena, world->folder, "file", "ab\0cd\n", 6);
    char *text = read_file(path, 6, &length, problem, sizeof(problem)); /* at the limit */
    assert_non_null(text);
    assert_int_equal(length, 6);
    assert_memory_equal(text, "ab\0cd\n\0", 7);
    memory_free(text);
    check_refused(path, 5, "larger than 5 bytes");
}

static void an_empty_file_is_empty_text(void **state)
{
    struct world *world = *state;
    char problem[100] = "";
    size_t length = 99;
    char *text =
        read_file(text_write(world->arena, world->folder, "file", ""), 0, &length, problem, sizeof(problem));
    assert_non_null(text);
    assert_int_equal(length, 0);
    assert_string_equal(text, "");
    memory_free(text);
}

static void what_is_no_regular_file_is_refused(void **state)
{
    struct world *world = *state;
    check_refused(world->folder, 1000, "not a regular file");
    check_refused("/dev/null", 1000, "not a regular file");
    check_refused(arena_format(world->arena, "%s/absent", world->folder), 1000, "No such file");
    check_refused("", 1000, "No such file");
}

static void a_problem_is_cut_to_its_room(void **state)
{
    struct world *world = *state;
    char problem[12];
    size_t length;
    memset(problem, 'x', sizeof(problem));
    assert_null(read_file(arena_format(world->arena, "%s/absent", world->folder), 9, &length, problem,
                          sizeof(problem)));
    assert_int_equal(strlen(problem), sizeof(problem) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_read_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_file_is_empty_text, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_problem_is_cut_to_its_room, setup, teardown),
    };
    return cmocka_run_group_tests_name("base/read_file", tests, NULL, NULL);
}
