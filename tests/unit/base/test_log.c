/* Log lines: one write each, bounded, and nobody's text can begin a line of its own. */
#include "fixture.h"

#include "base/log.h"
#include "base/read_file.h"

struct world {
    struct arena *arena;
    const char *folder, *path;
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.path = text_write(world.arena, world.folder, "log", "old\n");
    assert_true(log_open(world.path));
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"log", "other"};
    struct world *world = *state;
    assert_true(log_open(""));
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

static const char *logged(struct world *world, const char *path)
{
    char problem[200];
    size_t length;
    char *text = read_file(path, 1000000, &length, problem, sizeof(problem));
    assert_non_null(text);
    arena_defer(world->arena, memory_free, text);
    return text;
}

static void lines_are_appended(void **state)
{
    struct world *world = *state;
    log_line("one %d", 1);
    log_line("%s", "");
    log_line("two");
    assert_string_equal(logged(world, world->path), "old\none 1\n\ntwo\n");
}

static void control_characters_cannot_forge_a_line(void **state)
{
    struct world *world = *state;
    log_line("id=%s", "a\nforged\r\n\t\x1b[31m\x7f ä");
    assert_string_equal(logged(world, world->path), "old\nid=a?forged????[31m? ä\n");
}

static void lines_have_at_most_2000_bytes(void **state)
{
    struct world *world = *state;
    log_line("%s", repeat(world->arena, 'a', 1999));
    log_line("%s", repeat(world->arena, 'b', 2000));
    log_line("%s", repeat(world->arena, 'c', 100000));
    const char *text = logged(world, world->path) + strlen("old\n");
    assert_int_equal(strspn(text, "a"), 1999);
    assert_int_equal(strlen(text), 3 * 2000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(text[2000 * i + 1999], '\n');
}

static void another_file_takes_over(void **state)
{
    struct world *world = *state;
    const char *other = arena_format(world->arena, "%s/other", world->folder);
    assert_true(log_open(other)); /* made by it */
    log_line("here");
    assert_string_equal(logged(world, other), "here\n");
    assert_string_equal(logged(world, world->path), "old\n");
}

static void a_file_that_cannot_be_opened_changes_nothing(void **state)
{
    struct world *world = *state;
    assert_false(log_open(arena_format(world->arena, "%s/absent/log", world->folder)));
    assert_int_equal(errno, ENOENT);
    log_line("still here");
    assert_string_equal(logged(world, world->path), "old\nstill here\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_appended, setup, teardown),
        cmocka_unit_test_setup_teardown(control_characters_cannot_forge_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_have_at_most_2000_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_takes_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_opened_changes_nothing, setup, teardown),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
