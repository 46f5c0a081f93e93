/* Numbers as texts: their one spelling, their order, and prices as shops write them. */
#include "fixture.h"

#include "base/decimal.h"

static void plain_numbers_are_those_of_json_without_exponents(void **state)
{
    static const char *const plain[] = {"0", "7", "-3", "10.50", "0.5", "9007199254740993", "-0"};
    static const char *const others[] = {"",    "-",   "007", "00", "5.",  ".5",    "+1", "5E2",
                                         "1e3", "1,5", " 1",  "1 ", "0x1", "1.2.3", "nan"};
    (void)state;
    for (size_t i = 0; i < COUNT(plain); i++)
        assert_true(decimal_is_plain(plain[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(decimal_is_plain(others[i]));
}

static void each_number_has_one_spelling(void **state)
{
    static const char *const cases[][2] = {
        {"10.50", "10.5"}, {"10.0", "10"}, {"100", "100"},    {"0.000", "0"},
        {"-0", "0"},       {"-0.0", "0"},  {"-1.50", "-1.5"}, {"9007199254740993", "9007199254740993"},
        {"1.0500", "1.05"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = arena_copy_text(*state, cases[i][0]);
        decimal_normalize(text);
        assert_string_equal(text, cases[i][1]);
    }
}

static int order(const char *left, const char *right)
{
    return decimal_compare(left, strtod(left, NULL), right, strtod(right, NULL));
}

static void whole_numbers_are_in_order_beyond_a_double(void **state)
{
    static const char *const rising[] = {"-10000000000000001",
                                         "-10000000000000000",
                                         "-9007199254740993",
                                         "-9007199254740992",
                                         "-1",
                                         "0",
                                         "9",
                                         "10.5",
                                         "9007199254740992",
                                         "9007199254740993",
                                         "9999999999999999",
                                         "10000000000000000",
                                         "18446744073709551614",
                                         "18446744073709551615"};
    (void)state;
    for (size_t i = 0; i < COUNT(rising); i++) {
        for (size_t j = 0; j < COUNT(rising); j++) {
            int found = order(rising[i], rising[j]);
            assert_int_equal((found > 0) - (found < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(order("9,99", "9,99"), 0);
}

static const struct {
    const char *text;
    double amount;
} prices[] = {{"9.99", 9.99},
              {"9,99", 9.99},
              {"100,00", 100},
              {"9.99 EUR", 9.99},
              {"EUR 9.99", 9.99},
              {"9,99 €", 9.99},
              {"€9.99", 9.99},
              {"€ 9,99", 9.99},
              {"9,99\xC2\xA0€", 9.99},
              {"$1,234.50", 1234.5},
              {"1,234.50", 1234.5},
              {"1.234,50 €", 1234.5},
              {"1 234,50 zł", 1234.5},
              {"1\xE2\x80\xAF"
               "234,50 €",
               1234.5},
              {"CHF 1'234.50", 1234.5},
              {"1\xE2\x80\x99"
               "234.50 CHF",
               1234.5},
              {"1,234", 1234},
              {"1,234,567", 1234567},
              {"1.234.567", 1234567},
              {"1.234.567,89", 1234567.89},
              {"1.234,-", 1234},
              {"9.99 usd", 9.99},
              {"9,99 Eur", 9.99},
              {"€ 1.000,-", 1000},
              {"12.345,– €", 12345},
              {"1,299.-", 1299},
              {"1.234.567,-", 1234567},
              {"1,23,456.00", 123456},
              {"1.234", 1.234},
              {"0,500", 0.5},
              {"12345,678", 12345.678},
              {"9,5", 9.5},
              {"9,-", 9},
              {"9.- CHF", 9},
              {"9,\xE2\x80\x93 €", 9},
              {"  12 ", 12},
              {"-5.00", -5},
              {"-5,00 €", -5},
              {"€ -5", -5},
              {"- € 5", -5},
              {"\xE2\x88\x92"
               "5",
               -5},
              {".5", 0.5},
              {",99", 0.99},
              {"199 kr", 199},
              {"199 kr.", 199},
              {"49 Kč", 49},
              {"R$ 10,00", 10},
              {"1299 руб.", 1299},
              {"₹1,23,456", 123456},
              {"7", 7},
              {"0", 0},
              {"USD12", 12},
              {"12USD", 12},
              {"12 500", 12500}};

static void prices_are_numbers(void **state)
{
    for (size_t i = 0; i < COUNT(prices); i++) {
        double amount = -99;
        if (!decimal_parse_amount(prices[i].text, &amount) || fabs(amount - prices[i].amount) > 1e-9)
            fail_msg("%s is read as %g", prices[i].text, amount);
    }
    (void)state;
}

static void other_texts_are_none(void **state)
{
    static const char *const others[] = {
        "",           " ",
        "-",          "--",
        ",",          ".",
        "€",          "EUR",
        "007",        "0012",
        "00,50",      "5E2",
        "1e3",        "5-10",
        "from 9.99",  "9.99 - 12.99",
        "10 %",       "10%",
        "12 kg",      "12kg",
        "12 PCS",     "3 all",
        "9.99 eur!",  "9..99",
        "9,,99",      "1,23,4",
        "1.23.456",   "12,34.50",
        "1'23.50",    "1 23",
        "1.234.56,7", "9,99,",
        "5.",         "5,",
        "5,-5",       "- -5",
        "--5",        "EUR 9.99 EUR",
        "nan",        "inf",
        "0x10",       "9.99 EUR EUR",
        "1 2 3",      "+5",
        "١٢",         "1,234.567,89",
        "9.99 XYZ",   "4006381333931 EAN",
        "a",          "1234567890123456789012345678901234567890123456789012345678901234567890"};
    for (size_t i = 0; i < COUNT(others); i++) {
        double amount = -99;
        if (decimal_parse_amount(others[i], &amount))
            fail_msg("%s is read as %g", others[i], amount);
        assert_true(amount == -99);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_numbers_are_those_of_json_without_exponents),
        ARENA_TEST(each_number_has_one_spelling),
        cmocka_unit_test(whole_numbers_are_in_order_beyond_a_double),
        cmocka_unit_test(prices_are_numbers),
        cmocka_unit_test(other_texts_are_none),
    };
    return cmocka_run_group_tests_name("base/decimal", tests, NULL, NULL);
}
