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
    expect("315532800", 315532800000); /* 1980 */
    expect("1291191960", 1291191960000);
    expect("1291191960.25", 1291191960250);
    expect("1291191960123", 1291191960123);
    expect("1291191960123456", 1291191960123);
    expect("1291191960123456789", 1291191960123);
    expect("1.29119196e9", 1291191960000);
    expect("1291191960123.0", 1291191960123);
    expect("4102444799", 4102444799000); /* the end of 2099 */
    expect("315532800000", 315532800000);
    expect("4102444799999", 4102444799999);
    expect("315532800000000", 315532800000);
    expect("4102444799999999999", 4102444799999);
}

static void test_dates_in_digits(void **state)
{
    (void)state;
    expect("20111209", 1323388800000);
    expect("201112091250", 1323435000000);
    expect("20111209125003", 1323435003000);
    expect("19800101", 315532800000);
    expect("20991231235959", 4102444799000);
    expect("20120229", 1330473600000);
}

/* As BigQuery, REES46, Yoochoose, Shopify and others write them. */
static void test_spellings_of_exports(void **state)
{
    (void)state;
    expect("2019-10-01 00:00:00 UTC", 1569888000000);
    expect("2019-10-01 00:00:00.123456 UTC", 1569888000123);
    expect("2014-10-21 10:21:12 -0400", 1413901272000);
    expect("2014-10-21 10:21:12 +02:00", 1413879672000);
    expect("2014-10-21T14:21:12 gmt", 1413901272000);
    expect("2014-10-21 14:21:12UTC", 1413901272000);
    expect("2014-10-21 14:21:12 +0000 UTC", 1413901272000);
    expect("2014-10-21T16:21:12+02:00[Europe/Berlin]", 1413901272000);
    expect("2014-10-21T14:21:12Z[UTC]", 1413901272000);
    expect(" 2014-10-21 14:21:12\t", 1413901272000);
    expect(" 1413901272 ", 1413901272000);
    expect("2014-10-20T24:00:00Z", 1413849600000);
    expect("2014-04-07T10:51:09.277Z", 1396867869277);
    expect("20141021T142112Z", 1413901272000);
    expect("20141021T102112-0400", 1413901272000);
    expect("20141021T142112.5Z", 1413901272500);
    expect("20141021T1421", 1413901260000);
    expect("20141021 14:21:12", 1413901272000);
    expect("2014/10/21 14:21:12", 1413901272000);
    expect("2014-10-21T14Z", 1413900000000);
    expect("2014-10-21 14", 1413900000000);
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

static const char *const refused[] = {
    "",
    "now",
    "0",
    "81",
    "45306", /* days since 1899 */
    "45306.5",
    "315532799",  /* the last second of 1979 */
    "4102444800", /* the first of 2100 */
    "4102444800000",
    "20240230",
    "20241301",
    "20240115246000",
    "202401151260",
    "19791231",
    "21000101",
    "20240115.5",
    "1e9999",
    "2024-0115",
    "2024/01-15",
    "2024-01/15",
    "20240115T1",
    "20240115T102",
    "20240115T10203",
    "2024-01-15T10:2",
    "2024-01-15T10:20 CET",
    "2024-01-15T10:20 UTC+2",
    "2024-01-15T10:20UT",
    "1970-01-01T00:00+01:00",
    "9999-12-31T23:59:59-00:01",
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
    "253402300800",
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
    "2011-12-09T24:00:01",
    "2011-12-09T24:01",
    "2011-12-09 12:50:00 [",
    "2011-12-09 12:50:00+01:00[Europe/Berlin] x",
    " ",
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        int64_t result;
        if (moment_parse(refused[i], &result))
            fail_msg("%s was taken as %lld", refused[i], (long long)result);
    }
}

static void test_number(void **state)
{
    static const int64_t bad[] = {0,          -1,           81,        45306,    315532799,
                                  4102444800, 315532799999, INT64_MIN, INT64_MAX};
    int64_t result = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(moment_of_number(bad[i], &result));
    assert_int_equal(result, 7);
    assert_true(moment_of_number(1291191960, &result) && result == 1291191960000);
    assert_true(moment_of_number(1291191960123, &result) && result == 1291191960123);
    assert_true(moment_of_number(1291191960123456, &result) && result == 1291191960123);
    assert_true(moment_of_number(1291191960123456789, &result) && result == 1291191960123);
    assert_true(moment_of_number(20111209, &result) && result == 1323388800000);
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
        cmocka_unit_test(test_unix),
        cmocka_unit_test(test_iso),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_written_is_read),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_dates_in_digits),
        cmocka_unit_test(test_spellings_of_exports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
