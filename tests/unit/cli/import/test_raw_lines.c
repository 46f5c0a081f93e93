/* Tests of cli/raw_lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/import/raw_lines.h"

static void test_lines(void **state)
{
    (void)state;
    struct raw_lines lines = {0};
    assert_null(raw_lines_text(&lines));
    raw_lines_add(&lines, "1;\"a", 4);
    raw_lines_add(&lines, "", 0);
    raw_lines_add(&lines, "b\"\0x\0", 5);
    assert_string_equal(raw_lines_text(&lines), "1;\"a\n\nb\" x ");
    raw_lines_join(&lines);
    assert_string_equal(raw_lines_text(&lines), "1;\"a  b\" x ");
    raw_lines_clear(&lines);
    assert_null(raw_lines_text(&lines));
    raw_lines_add(&lines, "2", 1);
    assert_string_equal(raw_lines_text(&lines), "2");
    raw_lines_free(&lines);
    assert_null(raw_lines_text(&lines));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
