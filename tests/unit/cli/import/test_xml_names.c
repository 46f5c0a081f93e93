/* Tests of cli/import/xml_names: which namespace a name is of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/import/xml_names.h"

static void check(const struct xml_names *names, const char *name, enum xml_space space, const char *local)
{
    const char *found;
    assert_int_equal(xml_names_find(names, name, &found), space);
    assert_string_equal(found, local);
}

static void test_what_counts_is_the_address(void **state)
{
    (void)state;
    struct xml_names names = {0};
    const char *const root[] = {"version",    "2.0",
                                "xmlns:shop", "http://base.google.com/ns/1.0",
                                "xmlns:g",    "http://other.example/",
                                "xmlnsx",     "http://base.google.com/ns/1.0",
                                "xmlns:c",    "https://base.google.com/cns/1.0/",
                                NULL};
    assert_true(xml_names_open(&names, 1, root));
    check(&names, "shop:price", XML_GOOGLE, "price");
    check(&names, "g:price", XML_FOREIGN, "price");
    check(&names, "c:season", XML_CUSTOM, "season");
    check(&names, "price", XML_PLAIN, "price");
    check(&names, "sho:price", XML_FOREIGN, "price");
    check(&names, "shops:price", XML_FOREIGN, "price");
}

static void test_a_declaration_holds_inside(void **state)
{
    (void)state;
    struct xml_names names = {0};
    const char *const google[] = {"xmlns", "http://base.google.com/ns/1.0", NULL}, *const none[] = {NULL},
                      *const back[] = {"xmlns", "", NULL};
    assert_true(xml_names_open(&names, 1, none));
    assert_true(xml_names_open(&names, 2, google));
    assert_true(xml_names_open(&names, 3, none));
    check(&names, "title", XML_GOOGLE, "title");
    assert_true(xml_names_open(&names, 4, back));
    check(&names, "title", XML_PLAIN, "title");
    xml_names_close(&names, 4);
    xml_names_close(&names, 3);
    check(&names, "title", XML_GOOGLE, "title");
    xml_names_close(&names, 2);
    check(&names, "title", XML_PLAIN, "title");
    assert_int_equal(names.count, 0);
}

static void test_a_prefix_that_is_declared_nowhere(void **state)
{
    (void)state;
    const struct xml_names names = {0};
    check(&names, "g:id", XML_GOOGLE, "id");
    check(&names, "c:id", XML_FOREIGN, "id");
    check(&names, ":id", XML_FOREIGN, "id");
    check(&names, "g:a:b", XML_GOOGLE, "a:b");
}

static void test_limits(void **state)
{
    (void)state;
    struct xml_names names = {0};
    const char *const longest[] = {"xmlns:abcdefghijabcdefghijabcdefghij1", "x", NULL},
                      *const longer[] = {"xmlns:abcdefghijabcdefghijabcdefghij12", "x", NULL};
    assert_true(xml_names_open(&names, 1, longest));
    assert_false(xml_names_open(&names, 1, longer));
    for (size_t i = 1; i < XML_BINDINGS; i++)
        assert_true(xml_names_open(&names, 1, longest));
    assert_false(xml_names_open(&names, 1, longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_counts_is_the_address), cmocka_unit_test(test_a_declaration_holds_inside),
        cmocka_unit_test(test_a_prefix_that_is_declared_nowhere), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
