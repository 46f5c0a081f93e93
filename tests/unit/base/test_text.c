/* Numbers, UTF-8, base64url and forms: what is just inside the rules, and what is just outside. */
#include "fixture.h"

#include "base/text.h"

static void integers_are_digits_with_a_minus(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"007", 7},
                {"-12", -12},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t value = 99;
        assert_true(text_to_int64(good[i].text, &value));
        assert_true(value == good[i].value);
    }
}

static void other_integers_are_refused_and_leave_the_value(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x10",
                                      "--1",
                                      "1-",
                                      "\t1",
                                      "1\n",
                                      "ten",
                                      "٣",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999999"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t value = 99;
        if (text_to_int64(bad[i], &value))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(value, 99);
    }
}

static void integers_are_written_as_they_are_read(void **state)
{
    static const int64_t numbers[] = {0, 1, -1, 9, 10, -10, 1234567890123, INT64_MAX, INT64_MIN};
    char text[INTEGER_TEXT_SIZE];
    int64_t read;
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        size_t length = text_of_int64(numbers[i], text);
        assert_int_equal(length, strlen(text));
        assert_true(text_to_int64(text, &read));
        assert_int_equal(read, numbers[i]);
    }
    assert_int_equal(text_of_uint64(UINT64_MAX, text), 20);
    assert_string_equal(text, "18446744073709551615");
}

static void finite_decimal_numbers(void **state)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},       {"-1.5", -1.5}, {"+2", 2}, {"1e3", 1000},
        {"1E-2", 0.01}, {".5", 0.5},    {"5.", 5}, {"1.7976931348623157e308", 1.7976931348623157e308}};
    static const char *const bad[] = {"",      ".",      "-",   "e5",    "1e",       "1e+",  "1.2.3",
                                      "1e999", "-1e999", "inf", "nan",   "INF",      "0x10", "0x1p3",
                                      " 1",    "1 ",     "1,5", "1_000", "infinity", "--1"};
    double value;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(text_to_double(good[i].text, &value));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (text_to_double(bad[i], &value))
            fail_msg("\"%s\" was taken", bad[i]);
    }
}

static void utf8_is_well_formed(void **state)
{
    static const char *const good[] = {"",
                                       "a",
                                       "\x7F",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xEF\xBF\xBF",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",             /* a follower without a lead */
                                      "\xC0\x80",         /* overlong zero */
                                      "\xC1\xBF",         /* overlong */
                                      "\xC2",             /* cut */
                                      "\xC2\x41",         /* no follower */
                                      "\xE0\x9F\xBF",     /* overlong */
                                      "\xE2\x82",         /* cut */
                                      "\xED\xA0\x80",     /* U+D800 */
                                      "\xED\xBF\xBF",     /* U+DFFF */
                                      "\xF0\x8F\xBF\xBF", /* overlong */
                                      "\xF0\x9F\x98",     /* cut */
                                      "\xF4\x90\x80\x80", /* U+110000 */
                                      "\xF5\x80\x80\x80", /* no lead */
                                      "\xFF",
                                      "good\xE2\x28\xA1",
                                      "\xE2\x82\xAC\x80"};
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(text_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (text_is_utf8(bad[i], strlen(bad[i])))
            fail_msg("ill-formed text %zu was taken", i);
    }
    assert_true(text_is_utf8("a\0b", 3));
    for (size_t before = 0; before < 20; before++) {
        char text[40];
        int length = snprintf(text, sizeof(text), "%.*s\xC3\xA4%.*s", (int)before, "aaaaaaaaaaaaaaaaaaaa", 9,
                              "bbbbbbbbb");
        assert_true(text_is_utf8(text, (size_t)length));
        text[before + 1] = 'c';
        assert_false(text_is_utf8(text, (size_t)length));
    }
    /* The length counts, not a zero behind it: the second byte is outside. */
    assert_false(text_is_utf8("\xC3\xA4", 1));
}

static void what_is_left_of_a_character_is_taken_out(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"caf\xC3\xA9", "caf\xC3\xA9"},
                                           {"caf\xC3", "caf"},
                                           {"a\xE2\x82\"b", "a\"b"},
                                           {"\xF0\x9F\x98", ""},
                                           {"\xFF\x80z\xC0\xAF", "z"}};
    char text[20];
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        snprintf(text, sizeof(text), "%s", pairs[i][0]);
        text_repair_utf8(text);
        assert_string_equal(text, pairs[i][1]);
    }
}

static void characters_are_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(text_count_characters(""), 0);
    assert_int_equal(text_count_characters("abc"), 3);
    assert_int_equal(text_count_characters("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"), 3);
}

static void control_characters_are_found(void **state)
{
    (void)state;
    assert_false(text_has_control("", 0));
    assert_false(text_has_control(" ~\xC3\xA4", 4));
    for (int byte = 0; byte < 0x20; byte++)
        assert_true(text_has_control((char[]){'a', (char)byte, 'b'}, 3));
    assert_true(text_has_control("\x7F", 1));
    assert_false(text_has_control("ab\n", 2)); /* it is behind the end */
}

static void base64url_is_canonical(void **state)
{
    static const struct {
        const char *text, *bytes;
        size_t length;
    } good[] = {{"", "", 0},      {"AA", "\0", 1},    {"AAA", "\0\0", 2},    {"Zg", "f", 1},
                {"Zm8", "fo", 2}, {"Zm9v", "foo", 3}, {"Zm9vYg", "foob", 4}, {"-_-_", "\xFB\xFF\xBF", 3},
                {"_w", "\xFF", 1}};
    static const char *const bad[] = {"A",    "AAAAA", "Zh",     "Zm9",  "Zg==",    "Zm8=", "Zm9v=", "Zm+v",
                                      "Zm/v", "Zm 9v", "Zm9v\n", "Zm9.", "Zm9\xC3", "_x",   "/w"};
    unsigned char out[32];
    size_t length;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(text_decode_base64url(good[i].text, strlen(good[i].text), out, &length));
        assert_int_equal(length, good[i].length);
        assert_memory_equal(out, good[i].bytes, length);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (text_decode_base64url(bad[i], strlen(bad[i]), out, &length))
            fail_msg("\"%s\" was taken", bad[i]);
    }
}

/* Each value of a last character has one text only: 64 texts of two characters, 4 of them canonical a byte.
 */
static void base64url_has_one_text_a_value(void **state)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int taken = 0;
    (void)state;
    for (size_t i = 0; i < 64; i++) {
        unsigned char out[8];
        size_t length;
        taken += text_decode_base64url((char[]){digits[i], digits[63 - i]}, 2, out, &length);
        if (text_decode_base64url((char[]){'A', 'A', digits[i]}, 3, out, &length)) {
            assert_int_equal(i % 4, 0);
            assert_int_equal(out[1], i / 4);
        } else {
            assert_int_not_equal(i % 4, 0);
        }
    }
    assert_int_equal(taken, 4);
}

static void hexadecimal_is_lower_case(void **state)
{
    char out[9];
    (void)state;
    text_encode_hex((const unsigned char *)"\x00\x9f\xff\x10", 4, out);
    assert_string_equal(out, "009fff10");
    text_encode_hex((const unsigned char *)"", 0, out);
    assert_string_equal(out, "");
}

static void form_text_is_decoded_in_place(void **state)
{
    static const struct {
        const char *text, *decoded; /* NULL: refused */
    } cases[] = {{"", ""},        {"a+b", "a b"},     {"a%20b", "a b"}, {"%2B%2b", "++"}, {"%25", "%"},
                 {"%C3%A4", "ä"}, {"a%3D%26", "a=&"}, {"%ff", "\xFF"},  {"%", NULL},      {"%2", NULL},
                 {"a%zz", NULL},  {"%2g", NULL},      {"%g2", NULL},    {"%00", NULL},    {"a%00b", NULL},
                 {"%%20", NULL},  {"%+1", NULL},      {"% 1", NULL},    {"%01", "\x01"},  {"%10", "\x10"}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = memory_copy_text(cases[i].text);
        bool decoded = text_decode_form(text);
        if (decoded != (cases[i].decoded != NULL))
            fail_msg("\"%s\" was %s", cases[i].text, decoded ? "taken" : "refused");
        if (decoded)
            assert_string_equal(text, cases[i].decoded);
        memory_free(text);
    }
}

static void secrets_compare_by_length_and_bytes(void **state)
{
    (void)state;
    assert_true(text_equals_secretly("", 0, "", 0));
    assert_true(text_equals_secretly("a\0b", 3, "a\0b", 3));
    assert_false(text_equals_secretly("a\0b", 3, "a\0c", 3));
    assert_false(text_equals_secretly("abc", 3, "abcd", 4));
    assert_false(text_equals_secretly("", 0, "a", 1));
}

static void blanks_of_every_script(void **state)
{
    (void)state;
    static const char *const blank[] = {
        "", " ", "\t\n\r ", "\xC2\xA0", " \xE3\x80\x80 ", "\xE2\x80\x8B", "\xEF\xBB\xBF"};
    static const char *const text[] = {"a",
                                       " a",
                                       "\xC2\xA0"
                                       "0 ",
                                       "\xC2",
                                       "\xE2\x80",
                                       "\xE2\x80\x94",
                                       "\xC2\xA1"};
    for (size_t i = 0; i < COUNT(blank); i++)
        assert_true(text_is_blank(blank[i]));
    for (size_t i = 0; i < COUNT(text); i++)
        assert_false(text_is_blank(text[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_digits_with_a_minus),
        cmocka_unit_test(other_integers_are_refused_and_leave_the_value),
        cmocka_unit_test(integers_are_written_as_they_are_read),
        cmocka_unit_test(finite_decimal_numbers),
        cmocka_unit_test(utf8_is_well_formed),
        cmocka_unit_test(what_is_left_of_a_character_is_taken_out),
        cmocka_unit_test(characters_are_not_bytes),
        cmocka_unit_test(control_characters_are_found),
        cmocka_unit_test(base64url_is_canonical),
        cmocka_unit_test(base64url_has_one_text_a_value),
        cmocka_unit_test(hexadecimal_is_lower_case),
        cmocka_unit_test(form_text_is_decoded_in_place),
        cmocka_unit_test(secrets_compare_by_length_and_bytes),
        cmocka_unit_test(blanks_of_every_script),
    };
    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
