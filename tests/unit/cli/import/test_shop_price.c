/* Tests of cli/shop_price: how long a sale lasts, times as Magento writes them, and currencies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/import/shop_price.h"

static const int64_t now = 1706702400000; /* 2024-01-31T12:00Z */

static bool is_sale(const char *from, const char *to, const char *dates)
{
    const struct shop_sale sale = {from, to, dates};
    return shop_price_is_sale(&sale, now);
}

static void test_sales(void **state)
{
    (void)state;
    assert_true(is_sale(NULL, NULL, NULL));
    assert_true(is_sale("2024-01-31", "2024-01-31", NULL)); /* to the end of the day */
    assert_false(is_sale(NULL, "2024-01-30", NULL));
    assert_false(is_sale("2024-01-31 12:01", NULL, NULL));
    assert_false(is_sale(NULL, "2024-01-31T12:00:00Z", NULL));
    assert_true(is_sale("soon", "someday", NULL)); /* no bounds */
    assert_true(is_sale(NULL, NULL, "2024-01-01T00:00Z/2024-02-01T00:00Z"));
    assert_false(is_sale(NULL, NULL, "2024-01-01T00:00Z/2024-01-02T00:00Z"));
    assert_false(is_sale(NULL, NULL, "2024-02-01/2024-03-01"));
    assert_false(is_sale("1/1/24", "1/30/24", NULL));
    assert_true(is_sale("1/1/24", "1/31/2024, 12:01 PM", NULL));
}

static void test_american_times(void **state)
{
    (void)state;
    int64_t moment = 0;
    assert_true(shop_price_moment("1/31/24, 12:00 PM", &moment) && moment == now);
    assert_true(shop_price_moment("1/31/24, 12:00 AM", &moment) && moment == now - 43200000);
    assert_true(shop_price_moment("1/31/24, 12:00\u202fAM", &moment) && moment == now - 43200000);
    assert_true(shop_price_moment("1/31/24", &moment) && moment == now - 43200000);
    assert_false(shop_price_moment("13/31/24", &moment));
    assert_false(shop_price_moment("1/31/24, 12:00", &moment));
    assert_false(shop_price_moment("1/31", &moment));
}

static void test_currencies(void **state)
{
    (void)state;
    static const char *const good[] = {"9.99 EUR", "9.99EUR", "EUR 9.99", "EUR9.99"}, *const bad[] = {
                                                                                          "9.99", "",
                                                                                          "EURO 9", "9 EURO",
                                                                                          "9 eur"};
    char code[4];
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(shop_price_currency(good[i], code));
        assert_string_equal(code, "EUR");
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(shop_price_currency(bad[i], code));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sales), cmocka_unit_test(test_american_times),
                                       cmocka_unit_test(test_currencies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
