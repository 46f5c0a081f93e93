/* Tests of cli/bad_lines: what the file holds, when there is one, and that none is ever written over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/import/bad_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/palate-bad-lines-XXXXXX", path[sizeof(folder) + 8];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/bad", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void expect_file(const char *expected)
{
    char text[200] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, expected);
}

static void test_kept(void **state)
{
    (void)state;
    struct bad_lines *lines = bad_lines_create(path, "id;name", "end");
    assert_non_null(lines);
    assert_true(bad_lines_keep(lines, ";One"));
    assert_true(bad_lines_keep(lines, NULL)); /* too long */
    assert_true(bad_lines_keep(lines, "2;\"Two\nlines"));
    assert_true(bad_lines_finish(lines));
    expect_file("id;name\n;One\n2;\"Two\nlines\nend\n");
    bad_lines_close(lines, true);
    assert_null(bad_lines_create(path, NULL, NULL)); /* it is somebody's work */
    assert_int_equal(unlink(path), 0);
}

static void test_nothing_stored(void **state)
{
    (void)state;
    for (int finished = 0; finished < 2; finished++) {
        struct bad_lines *lines = bad_lines_create(path, NULL, NULL);
        assert_true(bad_lines_keep(lines, "{}"));
        assert_true(!finished || bad_lines_finish(lines));
        bad_lines_close(lines, false);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

static void test_no_bad_line(void **state)
{
    (void)state;
    struct bad_lines *lines = bad_lines_create(path, "id;name", NULL);
    assert_true(bad_lines_finish(lines));
    bad_lines_close(lines, true);
    assert_int_not_equal(access(path, F_OK), 0);
    bad_lines_close(NULL, true);
}

/* One that came while the file was read is not written over and not removed. */
static void test_came_meanwhile(void **state)
{
    (void)state;
    struct bad_lines *lines = bad_lines_create(path, NULL, NULL);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_false(bad_lines_keep(lines, "{}"));
    bad_lines_close(lines, false);
    expect_file("");
    assert_int_equal(unlink(path), 0);
}

static void test_cannot_be_made(void **state)
{
    (void)state;
    assert_int_equal(symlink("/nowhere/at/all", path), 0);
    struct bad_lines *lines = bad_lines_create(path, NULL, NULL); /* access() follows the link */
    assert_non_null(lines);
    assert_false(bad_lines_keep(lines, "{}"));
    bad_lines_close(lines, false);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),           cmocka_unit_test(test_nothing_stored),
        cmocka_unit_test(test_no_bad_line),    cmocka_unit_test(test_came_meanwhile),
        cmocka_unit_test(test_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
