/* Tests of cli/table_keys: which keys of metadata a row of a table takes away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/import/table_keys.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void expect_emptied(const char *const *columns, size_t count, const char *given, const char *expected)
{
    static struct record record;
    struct table_keys keys;
    struct arena *arena = arena_create();
    record.count = given ? 1 : 0;
    record.values[0] = (struct record_value){.name = given, .text = "x"};
    table_keys_find(columns, count, &keys);
    const char *emptied = table_keys_emptied(&keys, &record, arena);
    if (expected)
        assert_string_equal(emptied, expected);
    else
        assert_null(emptied);
    arena_destroy(arena);
}

static void test_own_tables(void **state)
{
    static const char *const columns[] = {"id", "price", "", "name", "colour", "active"};
    (void)state;
    expect_emptied(columns, COUNT(columns), NULL, "{\"price\":null,\"colour\":null}");
    expect_emptied(columns, COUNT(columns), "price", "{\"colour\":null}");
    expect_emptied(columns, 1, NULL, "{}");
    expect_emptied(NULL, 0, NULL, "{}");
}

/* What an export's columns are made into, each once. */
static void test_exports(void **state)
{
    static const char *const columns[] = {"id", "price", "~sale", "~type", "~category", "~published", "sku"};
    (void)state;
    expect_emptied(columns, COUNT(columns), "sku", "{\"price\":null,\"category\":null}");
}

static void test_all_metadata(void **state)
{
    static const char *const columns[] = {"id", "price", "metadata"};
    (void)state;
    expect_emptied(columns, COUNT(columns), NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_own_tables), cmocka_unit_test(test_exports),
                                       cmocka_unit_test(test_all_metadata)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
