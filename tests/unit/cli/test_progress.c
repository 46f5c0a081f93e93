/* Tests of cli/progress and cli/format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/format.h"
#include "cli/progress.h"

static void test_format(void **state)
{
    (void)state;
    assert_string_equal(format_count(0).text, "0");
    assert_string_equal(format_count(999).text, "999");
    assert_string_equal(format_count(1000).text, "1,000");
    assert_string_equal(format_count(395182).text, "395,182");
    assert_string_equal(format_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
    assert_string_equal(format_bytes(640).text, "640 B");
    assert_string_equal(format_bytes(1174420).text, "1.1 MiB");
    assert_string_equal(format_seconds(4.24).text, "4.2 s");
    assert_string_equal(format_seconds(42).text, "42 s");
    assert_string_equal(format_seconds(75).text, "1 min 15 s");
    assert_string_equal(format_seconds(7500).text, "2 h 5 min");
    assert_string_equal(format_seconds(-1).text, "0.0 s");
}

static void test_line(void **state)
{
    (void)state;
    struct progress progress;
    char line[200];
    progress_start(&progress, "events", "rows");
    progress_line(&progress, 25, 100, 5000, 2.0, line, sizeof(line));
    assert_string_equal(line, "events [######..................]  25%  5,000 rows, 2,500/s, 6.0 s left");
    progress_line(&progress, 100, 100, 5000, 2.0, line, sizeof(line));
    assert_string_equal(line, "events [########################] 100%  5,000 rows, 2,500/s");
    progress_line(&progress, 200, 100, 1, 0, line, sizeof(line));
    assert_string_equal(line, "events [########################] 100%  1 rows, 0/s");
    progress_line(&progress, 25, 0, 5000, 2.0, line, sizeof(line));
    assert_string_equal(line, "events  5,000 rows, 2,500/s");
}

/* How many bytes an update that is due leaves on stderr. */
static long shown(void)
{
    struct progress progress;
    char bytes[400];
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    progress_start(&progress, "events", "rows");
    progress.next_show_us = 0;
    progress_update(&progress, 25, 100, 5000);
    fflush(stderr);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    long length = (long)fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return length;
}

static void test_silence(void **state)
{
    (void)state;
    assert_true(shown() > 0);
    progress_silence();
    assert_int_equal(shown(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
