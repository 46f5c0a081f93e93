/* Which addresses may be asked at all. What comes back is tested in tests/api, with a server. */
#include "../base/fixture.h"

#include "remote/fetch.h"

static void https_may_be_asked_everywhere(void **state)
{
    (void)state;
    assert_true(fetch_allows("https://id.example.org/keys", false));
    assert_true(fetch_allows("https://127.0.0.1:8443/keys", true));
    assert_true(fetch_allows("HTTPS://id.example.org", false));
}

static void http_may_be_asked_here_when_that_is_allowed(void **state)
{
    static const char *const local[] = {"http://127.0.0.1/", "http://127.0.0.1:8080/k", "http://localhost/k",
                                        "http://LOCALHOST:1", "http://[::1]:8080/k"};
    (void)state;
    for (size_t i = 0; i < COUNT(local); i++) {
        assert_true(fetch_allows(local[i], true));
        assert_false(fetch_allows(local[i], false));
    }
}

static void nothing_else_may(void **state)
{
    static const char *const bad[] = {"",
                                      "keys",
                                      "http://id.example.org/",
                                      "http://127.0.0.1@id.example.org/",
                                      "http://localhost.example.org/",
                                      "http://127.0.0.1.example.org/",
                                      "file:///etc/passwd",
                                      "ftp://127.0.0.1/k",
                                      "gopher://127.0.0.1/",
                                      "https://",
                                      "http://169.254.169.254/",
                                      "//127.0.0.1/k",
                                      "https://a b/"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (fetch_allows(bad[i], true) || fetch_allows(bad[i], false))
            fail_msg("allowed: %s", bad[i]);
    }
}

static void a_closed_port_is_no_document(void **state)
{
    (void)state;
    char problem[200] = "";
    size_t length;
    assert_null(
        fetch_document("http://127.0.0.1:1/keys", true, 1000, 2000, &length, problem, sizeof(problem)));
    assert_non_null(strstr(problem, "no answer"));
    assert_null(
        fetch_document("http://127.0.0.1:1/keys", false, 1000, 2000, &length, problem, sizeof(problem)));
    assert_non_null(strstr(problem, "https://"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(https_may_be_asked_everywhere),
        cmocka_unit_test(http_may_be_asked_here_when_that_is_allowed),
        cmocka_unit_test(nothing_else_may),
        cmocka_unit_test(a_closed_port_is_no_document),
    };
    return cmocka_run_group_tests_name("remote/fetch", tests, NULL, NULL);
}
