/* Tests of cli/csv: RFC 4180, and what breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/import/csv.h"

#include <string.h>

static enum csv_outcome feed(struct csv_parser *csv, const char *line)
{
    return csv_feed(csv, line, strlen(line));
}

static void expect_fields(struct csv_parser *csv, size_t count, const char *const *fields)
{
    assert_int_equal(csv_field_count(csv), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(csv_field(csv, i), fields[i]);
}

static void test_fields(void **state)
{
    (void)state;
    struct csv_parser *csv = csv_create(',');
    assert_int_equal(feed(csv, "a,b c,,\"d,e\",\"f\"\"g\",\"\""), CSV_RECORD);
    expect_fields(csv, 6, (const char *const[]){"a", "b c", "", "d,e", "f\"g", ""});
    assert_int_equal(feed(csv, ""), CSV_RECORD);
    expect_fields(csv, 1, (const char *const[]){""});
    assert_int_equal(feed(csv, ","), CSV_RECORD);
    expect_fields(csv, 2, (const char *const[]){"", ""});
    csv_destroy(csv);
}

static void test_lines_inside_quotes(void **state)
{
    (void)state;
    struct csv_parser *csv = csv_create(',');
    assert_int_equal(feed(csv, "1,\"first"), CSV_MORE);
    assert_int_equal(feed(csv, ""), CSV_MORE);
    assert_int_equal(feed(csv, "a \"\"quote\"\", third\",end"), CSV_RECORD);
    expect_fields(csv, 3, (const char *const[]){"1", "first\n\na \"quote\", third", "end"});
    csv_destroy(csv);
}

static void expect_bad(const char *line, const char *reason)
{
    struct csv_parser *csv = csv_create(',');
    assert_int_equal(feed(csv, line), CSV_BAD);
    assert_non_null(strstr(csv_problem(csv), reason));
    assert_int_equal(feed(csv, "next,line"), CSV_RECORD);
    expect_fields(csv, 2, (const char *const[]){"next", "line"});
    csv_destroy(csv);
}

static void test_bad_lines(void **state)
{
    (void)state;
    expect_bad("5\" pipe,1", "inside a field");
    expect_bad("\"a\"b,1", "behind a closing quote");
    expect_bad("\"a\" ,1", "behind a closing quote");
    struct csv_parser *csv = csv_create(',');
    assert_int_equal(csv_feed(csv, "a\0b", 3), CSV_BAD);
    csv_destroy(csv);
}

static void test_limits(void **state)
{
    (void)state;
    struct csv_parser *csv = csv_create(',');
    char *line = memory_alloc(CSV_RECORD_BYTES + 2, 1);
    memset(line, ',', CSV_FIELDS - 1);
    assert_int_equal(feed(csv, line), CSV_RECORD);
    assert_int_equal(csv_field_count(csv), CSV_FIELDS);
    memset(line, ',', CSV_FIELDS);
    assert_int_equal(feed(csv, line), CSV_BAD);
    memset(line, 'a', CSV_RECORD_BYTES);
    assert_int_equal(feed(csv, line), CSV_RECORD);
    assert_int_equal(strlen(csv_field(csv, 0)), CSV_RECORD_BYTES);
    memset(line, 'a', CSV_RECORD_BYTES + 1);
    assert_int_equal(feed(csv, line), CSV_BAD);
    memory_free(line);
    csv_destroy(csv);
}

/* A quote that is never closed cannot collect lines without end. */
static void test_open_quote_is_bounded(void **state)
{
    (void)state;
    struct csv_parser *csv = csv_create(',');
    assert_int_equal(feed(csv, "\"open"), CSV_MORE);
    size_t lines = 0;
    enum csv_outcome outcome;
    while ((outcome = feed(csv, "")) == CSV_MORE && lines < 2 * CSV_RECORD_BYTES)
        lines++;
    assert_int_equal(outcome, CSV_BAD);
    assert_non_null(strstr(csv_problem(csv), "quote left open"));
    csv_abandon(csv);
    assert_int_equal(feed(csv, "a"), CSV_RECORD);
    csv_destroy(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_lines_inside_quotes),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_open_quote_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
