/* Origins: what the setting takes, and who is in the list. */
#include "fixture.h"

#include "base/origins.h"

static void check_good(const char *list)
{
    const char *entry;
    int length;
    if (!origins_check(list, &entry, &length))
        fail_msg("\"%s\" was refused for \"%.*s\"", list, length, entry);
}

static void check_bad(const char *list, const char *wrong)
{
    const char *entry;
    int length;
    if (origins_check(list, &entry, &length))
        fail_msg("\"%s\" was taken", list);
    assert_int_equal(length, strlen(wrong));
    assert_memory_equal(entry, wrong, strlen(wrong));
}

static void good_lists(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "*",
                                       "https://shop.example",
                                       "http://localhost",
                                       "http://localhost:3000",
                                       "https://a.b-c.example:8443,https://x.example",
                                       "http://[::1]:8080 ,\thttp://127.0.0.1:1",
                                       "capacitor://localhost",
                                       "chrome-extension://abcdefghijklmnop",
                                       "http://x:443, https://x:80, https://x:65535"};
    for (size_t i = 0; i < COUNT(good); i++)
        check_good(good[i]);
}

static void entries_that_are_no_origins(void **state)
{
    (void)state;
    static const char *const bad[] = {"null",
                                      "shop.example",
                                      "https://",
                                      "https:///",
                                      "https://shop.example/",
                                      "https://shop.example/path",
                                      "https://shop.example?x",
                                      "https://Shop.example",
                                      "HTTPS://shop.example",
                                      "https://*.shop.example",
                                      "https://user@shop.example",
                                      "https://shop.example:",
                                      "https://shop.example:443",
                                      "http://shop.example:80",
                                      "https://shop.example:0",
                                      "https://shop.example:065",
                                      "https://shop.example:65536",
                                      "https://shop.example:x",
                                      "https://shop.example https://x.example",
                                      "https://[::1",
                                      "https://sh\xC3\xB6p.example",
                                      "https://a\r\nX: y",
                                      "://shop.example",
                                      "1a://shop.example"};
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(bad[i], bad[i]);
}

static void the_first_bad_entry_is_told(void **state)
{
    (void)state;
    check_bad("https://a.example, b, c", "b");
    check_bad("https://a.example,", "");
    check_bad(",https://a.example", "");
    check_bad("https://a.example,,https://b.example", "");
    check_bad("https://a.example, *", "*");
    check_bad("*, https://a.example", "*");
    check_bad("*,", "*");
    check_bad("* ", "*");
}

static void a_host_may_be_long_but_not_endless(void **state)
{
    struct arena *arena = *state;
    char *name = arena_alloc(arena, 400, 1);
    memset(name, 'a', 250);
    check_good(arena_format(arena, "https://%s", name));
    memset(name, 'a', 399);
    char *whole = arena_format(arena, "https://%s", name);
    check_bad(whole, whole);
}

static void who_is_in_the_list(void **state)
{
    (void)state;
    static const char list[] = "https://shop.example , http://localhost:3000";
    assert_true(origins_include(list, "https://shop.example"));
    assert_true(origins_include(list, "http://localhost:3000"));
    assert_true(origins_include("*", "https://any.example"));
    static const char *const others[] = {"",
                                         "https://shop.exampl",
                                         "https://shop.example ",
                                         "https://shop.example.evil",
                                         "http://shop.example",
                                         "http://localhost",
                                         "http://localhost:30000",
                                         "https://shop.example , http://localhost:3000",
                                         "*",
                                         "null"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(origins_include(list, others[i]));
    assert_false(origins_include("", "https://shop.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lists),
        cmocka_unit_test(entries_that_are_no_origins),
        cmocka_unit_test(the_first_bad_entry_is_told),
        ARENA_TEST(a_host_may_be_long_but_not_endless),
        cmocka_unit_test(who_is_in_the_list),
    };
    return cmocka_run_group_tests_name("base/origins", tests, NULL, NULL);
}
