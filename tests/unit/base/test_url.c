/* Addresses: what is one, whom it names, which may be asked. */
#include "fixture.h"

#include "base/url.h"

static void what_is_an_address(void **state)
{
    static const char *const good[] = {"https://h",         "http://127.0.0.1:8087", "HTTPS://A.example.org/",
                                       "https://[::1]:443", "https://h/a/b%20c",     "https://h:65535/x"};
    static const char *const bad[] = {"",
                                      "h",
                                      "ftp://h",
                                      "file:///etc/passwd",
                                      "https://",
                                      "https:///x",
                                      "https://user@h",
                                      "https://h@evil",
                                      "https://h:0",
                                      "https://h:65536",
                                      "https://h:",
                                      "https://h:1x",
                                      "https://h?x",
                                      "https://h/#x",
                                      "https://h/?x",
                                      "https://h\\@evil",
                                      "https://h/ x",
                                      "https://h/\n",
                                      "https://[::1",
                                      "https://[]",
                                      "https://h\xc3\xa9/",
                                      "https://h_x"};
    struct url url;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        if (!url_read(good[i], &url))
            fail_msg("refused: %s", good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (url_read(bad[i], &url))
            fail_msg("taken: %s", bad[i]);
    }
}

static void its_parts(void **state)
{
    struct url url;
    (void)state;
    assert_true(url_read("http://Example.ORG:80/a/b", &url));
    assert_false(url.is_https);
    assert_int_equal(url.host_length, 11);
    assert_memory_equal(url.host, "Example.ORG", 11);
    assert_string_equal(url.path, "/a/b");
    assert_true(url_read("https://[::1]", &url));
    assert_true(url.is_https);
    assert_int_equal(url.host_length, 5);
    assert_string_equal(url.path, "");
}

static bool allowed(const char *text, const char *hosts)
{
    struct url url;
    assert_true(url_read(text, &url));
    return url_is_allowed(&url, hosts);
}

static void without_tls_only_to_hosts_of_the_list(void **state)
{
    (void)state;
    assert_true(allowed("https://anywhere", ""));
    assert_false(allowed("http://127.0.0.1", ""));
    assert_true(allowed("http://127.0.0.1:99/x", "127.0.0.1"));
    assert_true(allowed("http://LOCALHOST", "a.example, localhost"));
    assert_false(allowed("http://localhost.evil", "localhost"));
    assert_false(allowed("http://local", "localhost"));
    assert_false(allowed("http://evil", ", ,"));
}

static void same_hosts(void **state)
{
    struct url a, b, c;
    (void)state;
    assert_true(url_read("https://h.example/x", &a));
    assert_true(url_read("http://H.EXAMPLE:8080", &b));
    assert_true(url_read("https://h.example.evil", &c));
    assert_true(url_is_same_host(&a, &b));
    assert_false(url_is_same_host(&a, &c));
}

static void encoding(void **state)
{
    assert_string_equal(url_encode(*state, "Az09-_~"), "Az09-_~");
    assert_string_equal(url_encode(*state, "../ ?&=%+\xf0\x9f\x8e\x81"),
                        "%2E%2E%2F%20%3F%26%3D%25%2B%F0%9F%8E%81");
    assert_string_equal(url_encode(*state, ""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(what_is_an_address),
        ARENA_TEST(its_parts),
        ARENA_TEST(without_tls_only_to_hosts_of_the_list),
        ARENA_TEST(same_hosts),
        ARENA_TEST(encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
