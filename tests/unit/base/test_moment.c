/* Tests of base/moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/moment.h"

#include <string.h>

static void expect(const char *text, int64_t milliseconds)
{
    int64_t result = -1;
    if (!moment_parse(text, &result))
        fail_msg("%s was refused", text);
    assert_int_equal(result, milliseconds);
}

static void test_unix(void **state)
{
    (void)state;
    expect("0", 0);
    expect("1291191960", 1291191960000);
    expect("1291191960.25", 1291191960250);
    expect("1291191960123", 1291191960123);
    expect("1000000000000", 1000000000000); /* from here on milliseconds */
    expect("253402300799", 253402300799000);
    expect("253402300799999", 253402300799999);
}

static void test_iso(void **state)
{
    (void)state;
    expect("1970-01-01", 0);
    expect("2011-12-09", 1323388800000);
    expect("2011-12-09T12:50:00Z", 1323435000000);
    expect("2011-12-09 12:50", 1323435000000);
    expect("2011-12-09T12:50:03.250Z", 1323435003250);
    expect("2011-12-09t12:50:03,2504z", 1323435003250);
    expect("2011-12-09T12:50:00+01:00", 1323435000000 - 3600000);
    expect("2011-12-09T12:50:00-0530", 1323435000000 + 19800000);
    expect("2011-12-09T12:50+02", 1323435000000 - 7200000);
    expect("2012-02-29", 1330473600000);
    expect("2000-03-01", 951868800000);
    expect("2100-03-01", 4107542400000);
    expect("9999-12-31T23:59:59.999Z", 253402300799999);
}

static void test_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "now",
        "-1",
        "-170000001230000123", /* a product of it would come round to somewhere else */
        "-9223372036854775808",
        "1969-12-31",
        "2011-13-01",
        "2011-00-10",
        "2011-02-29",
        "2100-02-29",
        "2011-12-32",
        "2011-12-9",
        "2011-12-09T",
        "2011-12-09T24:00",
        "253402300800",
        "999999999999",
        "253402300800000",
        "99999999999999999999",
        "1e400",
        "nan",
        "0x10",
        " 1",
        "1 ",
        "2011-12-09T12:60",
        "2011-12-09T12:50:61",
        "2011-12-09T12:50:03.",
        "2011-12-09T12:50X",
        "2011-12-09T12:50+24:00",
        "2011-12-09T12:50+1",
        "2011-12-09T12:50+01:",
        "2011-12-09Z",
        "09.12.2011",
        "12/09/2011",
        "2011-12-09T12:50:00Z ",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t result;
        if (moment_parse(texts[i], &result))
            fail_msg("%s was taken as %lld", texts[i], (long long)result);
    }
}

static void test_number(void **state)
{
    int64_t result;
    (void)state;
    assert_true(moment_of_number(0, &result) && result == 0);
    assert_true(moment_of_number(253402300799, &result) && result == 253402300799000);
    assert_true(moment_of_number(1000000000000, &result) && result == 1000000000000);
    assert_true(moment_of_number(253402300799999, &result) && result == 253402300799999);
    assert_false(moment_of_number(-1, &result));
    assert_false(moment_of_number(253402300800, &result));
    assert_false(moment_of_number(253402300800000, &result));
    assert_false(moment_of_number(INT64_MAX, &result));
}

static void expect_written(int64_t milliseconds, const char *text)
{
    char written[MOMENT_SIZE];
    assert_int_equal(moment_write(milliseconds, MOMENT_PRECISE, written), strlen(text));
    assert_string_equal(written, text);
}

static void test_styles(void **state)
{
    char written[MOMENT_SIZE];
    (void)state;
    assert_int_equal(moment_write(1323435003999, MOMENT_SECONDS, written), 20);
    assert_string_equal(written, "2011-12-09T12:50:03Z");
    assert_int_equal(moment_write(1323435003999, MOMENT_SQL, written), 19);
    assert_string_equal(written, "2011-12-09 12:50:03");
    assert_int_equal(moment_write(-5, MOMENT_SQL, written), 19);
    assert_string_equal(written, "1970-01-01 00:00:00");
}

static void test_written(void **state)
{
    (void)state;
    expect_written(0, "1970-01-01T00:00:00.000Z");
    expect_written(1323435003250, "2011-12-09T12:50:03.250Z");
    expect_written(1330473600001, "2012-02-29T00:00:00.001Z");
    expect_written(951868799999, "2000-02-29T23:59:59.999Z");
    expect_written(951868800000, "2000-03-01T00:00:00.000Z");
    expect_written(4107542399000, "2100-02-28T23:59:59.000Z");
    expect_written(4107542400000, "2100-03-01T00:00:00.000Z");
    expect_written(253402300799999, "9999-12-31T23:59:59.999Z");
    expect_written(253402300800000, "9999-12-31T23:59:59.999Z");
    expect_written(-1, "1970-01-01T00:00:00.000Z");
}

/* Every day of 8,000 years, and some moment of it, comes back. */
static void test_written_is_read(void **state)
{
    (void)state;
    for (int64_t moment = 0; moment <= 253402300799999; moment += 86400000 - 1) {
        char written[MOMENT_SIZE];
        int64_t again = -1;
        moment_write(moment, MOMENT_PRECISE, written);
        if (!moment_parse(written, &again) || again != moment)
            fail_msg("%s is not read as it was written", written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unix),   cmocka_unit_test(test_iso),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_styles), cmocka_unit_test(test_written), cmocka_unit_test(test_written_is_read),
        cmocka_unit_test(test_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
