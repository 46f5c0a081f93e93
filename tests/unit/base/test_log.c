/* Log lines: one write each, bounded, and nobody's text can begin a line of its own. */
#include "fixture.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/moment.h"
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
    log_open(world.path);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"log", "other", "log.1", "errors"};
    struct world *world = *state;
    log_open("");
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

static const char *content(struct world *world, const char *path)
{
    char problem[200];
    size_t length;
    char *text = read_file(path, 1000000, &length, problem, sizeof(problem));
    assert_non_null(text);
    arena_defer(world->arena, memory_free, text);
    return text;
}

/* What a log holds without the moments, each of which must be one of the last minute; "old" has none. */
static const char *logged(struct world *world, const char *path)
{
    const char *rest = content(world, path);
    char *text = arena_copy_text(world->arena, ""), *end;
    for (; *rest; rest = end + 1) {
        end = strchr(rest, '\n');
        assert_non_null(end);
        int64_t moment;
        if (strncmp(rest, "old\n", 4)) {
            assert_int_equal(rest[24], ' ');
            assert_true(moment_parse(arena_copy_bytes(world->arena, rest, 24), &moment));
            assert_in_range(clock_unix_ms() - moment, 0, 60000);
            rest += 25;
        }
        text = arena_format(world->arena, "%s%.*s", text, (int)(end + 1 - rest), rest);
    }
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
    log_line("%s", repeat(world->arena, 'a', 1999 - 25));
    log_line("%s", repeat(world->arena, 'b', 2000 - 25));
    log_line("%s", repeat(world->arena, 'c', 100000));
    const char *text = content(world, world->path) + strlen("old\n");
    assert_int_equal(strspn(text + 25, "a"), 1999 - 25);
    assert_int_equal(strlen(text), 3 * 2000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(text[2000 * i + 1999], '\n');
}

static void another_file_takes_over(void **state)
{
    struct world *world = *state;
    const char *other = arena_format(world->arena, "%s/other", world->folder);
    log_open(other); /* made by it */
    log_line("here");
    assert_string_equal(logged(world, other), "here\n");
    assert_string_equal(logged(world, world->path), "old\n");
}

/* What goes to stderr meanwhile: the web server's log. */
static const char *errors_of(struct world *world, void act(struct world *))
{
    const char *path = arena_format(world->arena, "%s/errors", world->folder);
    int kept = dup(STDERR_FILENO), file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
    assert_true(kept >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0);
    act(world);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(file);
    return logged(world, path);
}

static void wait_for_the_next_look(void)
{
    usleep(1050000);
}

static void log_into_an_absent_folder(struct world *world)
{
    log_open(arena_format(world->arena, "%s/absent/log", world->folder));
    log_line("one");
    wait_for_the_next_look();
    log_line("two");
    assert_int_equal(mkdir(arena_format(world->arena, "%s/absent", world->folder), 0700), 0);
    wait_for_the_next_look();
    log_line("three");
}

static void a_file_that_cannot_be_opened_is_told_once_and_tried_again(void **state)
{
    struct world *world = *state;
    const char *path = arena_format(world->arena, "%s/absent/log", world->folder);
    const char *errors = errors_of(world, log_into_an_absent_folder);
    assert_string_equal(errors, arena_format(world->arena,
                                             "palate: cannot open the log %s ([log] file): No such file or "
                                             "directory; it is tried again, and until then lines come here\n"
                                             "one\ntwo\n",
                                             path));
    assert_string_equal(logged(world, path), "three\n");
    assert_string_equal(logged(world, world->path), "old\n");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640 & ~umask(umask(0)));
    unlink(path);
    rmdir(arena_format(world->arena, "%s/absent", world->folder));
}

static void a_renamed_file_gets_no_more_lines(void **state)
{
    struct world *world = *state;
    const char *renamed = arena_format(world->arena, "%s/log.1", world->folder);
    log_line("before");
    assert_int_equal(rename(world->path, renamed), 0);
    wait_for_the_next_look();
    log_line("after");
    assert_string_equal(logged(world, renamed), "old\nbefore\n");
    assert_string_equal(logged(world, world->path), "after\n");
    assert_int_equal(unlink(world->path), 0);
    wait_for_the_next_look();
    log_line("made anew");
    assert_string_equal(logged(world, world->path), "made anew\n");
}

static void put_a_folder_in_place_of_the_log(struct world *world)
{
    const char *renamed = arena_format(world->arena, "%s/log.1", world->folder);
    assert_int_equal(rename(world->path, renamed), 0);
    assert_int_equal(mkdir(world->path, 0700), 0);
    for (int i = 0; i < 2; i++) {
        wait_for_the_next_look();
        log_line("line %d", i);
    }
}

static void where_no_new_file_can_be_made_the_old_one_goes_on(void **state)
{
    struct world *world = *state;
    const char *errors = errors_of(world, put_a_folder_in_place_of_the_log);
    assert_string_equal(errors,
                        arena_format(world->arena,
                                     "palate: cannot open the log %s ([log] file): Is a directory; it is "
                                     "tried again, and until then lines go on in the old file\n",
                                     world->path));
    assert_string_equal(logged(world, arena_format(world->arena, "%s/log.1", world->folder)),
                        "old\nline 0\nline 1\n");
    rmdir(world->path);
}

static void fill(struct world *world)
{
    (void)world;
    log_open("/dev/full");
    log_line("nowhere");
    log_line("no room");
}

static void what_a_full_disk_does_not_take_goes_to_stderr(void **state)
{
    struct world *world = *state;
    assert_string_equal(
        errors_of(world, fill),
        "palate: cannot write to the log /dev/full ([log] file): No space left on device; it is "
        "tried again, and until then lines come here\nnowhere\nno room\n");
}

static void a_fifo_that_nobody_reads_holds_nobody(struct world *world)
{
    const char *fifo = arena_format(world->arena, "%s/other", world->folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    log_open(fifo);
    log_line("on we go");
}

static void fifos_do_not_block(void **state)
{
    struct world *world = *state;
    const char *errors = errors_of(world, a_fifo_that_nobody_reads_holds_nobody);
    assert_non_null(strstr(errors, "\non we go\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_appended, setup, teardown),
        cmocka_unit_test_setup_teardown(control_characters_cannot_forge_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_have_at_most_2000_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_takes_over, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_opened_is_told_once_and_tried_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_renamed_file_gets_no_more_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(where_no_new_file_can_be_made_the_old_one_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_full_disk_does_not_take_goes_to_stderr, setup, teardown),
        cmocka_unit_test_setup_teardown(fifos_do_not_block, setup, teardown),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
