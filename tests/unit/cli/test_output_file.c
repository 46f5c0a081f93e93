/* Tests of cli/output_file: a file is there wholly or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/output_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/palate-output-XXXXXX", path[64];

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/lists.txt", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static int files(void)
{
    DIR *list = opendir(folder);
    int count = 0;
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list));)
        count += entry->d_name[0] != '.';
    closedir(list);
    return count;
}

static void expect_text(const char *text)
{
    char found[32] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, sizeof(found) - 1, file), strlen(text));
    fclose(file);
    assert_string_equal(found, text);
}

static void write_text(struct output_file *output, const char *text)
{
    assert_true(output_file_open(output, path));
    fputs(text, output->stream);
}

static void test_commit_and_abandon(void **state)
{
    (void)state;
    struct output_file output;
    struct stat status;
    mode_t mask = umask(027);
    write_text(&output, "first");
    assert_int_not_equal(access(path, F_OK), 0);
    assert_true(output_file_commit(&output));
    umask(mask);
    expect_text("first");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    write_text(&output, "second");
    expect_text("first");
    output_file_abandon(&output);
    expect_text("first");
    assert_int_equal(files(), 1);
    write_text(&output, "third");
    assert_true(output_file_commit(&output));
    expect_text("third");
    assert_int_equal(files(), 1);
}

static void test_failures(void **state)
{
    (void)state;
    struct output_file output;
    char missing[80];
    snprintf(missing, sizeof(missing), "%s/no/lists.txt", folder);
    assert_false(output_file_open(&output, missing));
    assert_true(output_file_open(&output, "/dev/full"));
    fputs("text", output.stream);
    assert_false(output_file_commit(&output));
    /* A folder cannot be replaced. */
    assert_true(output_file_open(&output, folder));
    assert_false(output_file_commit(&output));
    char left[80];
    snprintf(left, sizeof(left), "%s.", folder);
    assert_int_not_equal(access(left, F_OK), 0);
}

static void test_check(void **state)
{
    (void)state;
    char missing[80];
    snprintf(missing, sizeof(missing), "%s/no/lists.txt", folder);
    assert_true(output_file_check(path, true));
    assert_true(output_file_check("lists.txt", true) || access(".", W_OK));
    assert_true(output_file_check("/dev/null", false));
    assert_false(output_file_check("/dev/null", true));
    assert_false(output_file_check(folder, false));
    assert_false(output_file_check(missing, false));
}

static void test_devices_stay(void **state)
{
    (void)state;
    struct output_file output;
    struct stat status;
    assert_true(output_file_open(&output, "/dev/null"));
    fputs("text", output.stream);
    assert_true(output_file_commit(&output));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commit_and_abandon),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_devices_stay),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
