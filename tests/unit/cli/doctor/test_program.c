/* Tests of cli/doctor_program: a program that is run once, and what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/doctor/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[100];
static struct program_run run;

/* Writes a script and runs it. */
static void run_script(const char *text, int seconds)
{
    char *environment[] = {(char[]){"PATH=/usr/bin:/bin"}, (char[]){"WORD=given"}, NULL};
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0700);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, 0755), 0);
    close(fd);
    program_run(&run, path, environment, NULL, seconds);
    assert_int_equal(unlink(path), 0);
}

static int choose_path(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "/tmp/palate-program-%ld", (long)getpid());
    return 0;
}

static void test_both_texts_and_the_exit_status(void **state)
{
    (void)state;
    run_script("#!/bin/sh\necho out $WORD\necho wrong >&2\nexit 3\n", 20);
    assert_int_equal(run.error, 0);
    assert_false(run.timed_out);
    assert_int_equal(run.exit_code, 3);
    assert_string_equal(run.output, "out given\n");
    assert_string_equal(run.problems, "wrong\n");
}

static void test_input_is_empty(void **state)
{
    (void)state;
    run_script("#!/bin/sh\nif read line; then echo more; else echo end; fi\n", 20);
    assert_string_equal(run.output, "end\n");
}

static void test_much_text_is_cut_and_blocks_nobody(void **state)
{
    (void)state;
    run_script("#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' x\necho over >&2\n", 20);
    assert_int_equal(run.exit_code, 0);
    assert_int_equal(strlen(run.output), PROGRAM_TEXT_SIZE - 1);
    assert_string_equal(run.problems, "over\n");
}

static void test_who_never_ends_is_killed(void **state)
{
    int64_t before = clock_monotonic_us();
    (void)state;
    run_script("#!/bin/sh\nexec sleep 60\n", 1);
    assert_true(run.timed_out);
    assert_int_equal(run.signal, SIGKILL);
    run_script("#!/bin/sh\nexec sleep 60 >/dev/null 2>&1\n", 1);
    assert_true(run.timed_out);
    assert_true(clock_monotonic_us() - before < 30 * INT64_C(1000000));
}

static void test_what_cannot_be_started(void **state)
{
    char *environment[] = {NULL};
    (void)state;
    program_run(&run, "/nonexistent/palate.fcgi", environment, NULL, 5);
    assert_int_equal(run.error, ENOENT);
    program_run(&run, "/etc/passwd", environment, NULL, 5);
    assert_int_equal(run.error, EACCES);
}

static void test_another_user(void **state)
{
    char *environment[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};
    struct arena *arena = arena_create();
    struct web_user nobody;
    (void)state;
    assert_true(web_user_find(&nobody, "nobody", arena));
    program_run(&run, "/usr/bin/whoami", environment, &nobody, 20);
    if (geteuid() && geteuid() != nobody.uid)
        assert_int_equal(run.error, EPERM);
    else
        assert_string_equal(run.output, "nobody\n");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_texts_and_the_exit_status),
        cmocka_unit_test(test_input_is_empty),
        cmocka_unit_test(test_much_text_is_cut_and_blocks_nobody),
        cmocka_unit_test(test_who_never_ends_is_killed),
        cmocka_unit_test(test_what_cannot_be_started),
        cmocka_unit_test(test_another_user),
    };
    return cmocka_run_group_tests(tests, choose_path, NULL);
}
