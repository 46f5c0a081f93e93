/* Tests of cli/doctor_http: where --connect goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/doctor/http.h"

#include <string.h>

static void test_connect_to(void **state)
{
    static const struct {
        const char *connect, *to;
    } rows[] = {
        {"127.0.0.1", "::127.0.0.1:"},    {"127.0.0.1:8080", "::127.0.0.1:8080"},
        {"localhost:1", "::localhost:1"}, {"[::1]", "::[::1]:"},
        {"[::1]:65535", "::[::1]:65535"},
    };
    char to[HTTP_CONNECT_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(http_connect_to(rows[i].connect, to));
        assert_string_equal(to, rows[i].to);
    }
}

static void test_what_is_no_place_to_connect_to(void **state)
{
    static const char *const wrong[] = {"",     ":80",     "a:0", "a:65536",  "a:http", "::1",
                                        "[::1", "[::1]80", "a b", "http://a", "a/b",    "u@a:1"};
    char to[HTTP_CONNECT_SIZE], longest[HTTP_CONNECT_SIZE + 1];
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(http_connect_to(wrong[i], to));
    memset(longest, 'a', HTTP_CONNECT_SIZE);
    longest[HTTP_CONNECT_SIZE] = '\0';
    assert_false(http_connect_to(longest, to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect_to),
        cmocka_unit_test(test_what_is_no_place_to_connect_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
