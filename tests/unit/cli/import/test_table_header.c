/* Headers of tables: separators, names of columns, and the user's map. */
#include "../../base/fixture.h"

#include "cli/import/table_header.h"

static void separators_are_found(void **state)
{
    (void)state;
    assert_int_equal(table_find_separator("id,name"), ',');
    assert_int_equal(table_find_separator("id;name,de;price"), ';');
    assert_int_equal(table_find_separator("id\tname"), '\t');
    assert_int_equal(table_find_separator("id|name|price"), '|');
    assert_int_equal(table_find_separator("\"a,b,c\";\"d\""), ';');
    assert_int_equal(table_find_separator("id"), ',');
    assert_int_equal(table_named_separator("sep=;"), ';');
    assert_int_equal(table_named_separator("SEP=\t"), '\t');
    assert_int_equal(table_named_separator("\"sep=|\""), '|');
    assert_int_equal(table_named_separator("sep="), '\0');
    assert_int_equal(table_named_separator("sep=;;"), '\0');
    assert_int_equal(table_named_separator("separator;name"), '\0');
}

static void names_agree_but_for_capitals_and_hyphens(void **state)
{
    (void)state;
    assert_true(table_names_agree("Item ID", "item_id"));
    assert_true(table_names_agree("userId", "user-id"));
    assert_false(table_names_agree("id", "idx"));
    assert_false(table_names_agree("", "id"));
    assert_string_equal(table_clean_name(*state, " \xC2\xA0 Regular price \t"), "Regular price");
    assert_string_equal(table_clean_name(*state, "  "), "");
}

/* The columns behind each other; or the problem. */
static const char *name(struct arena *arena, enum import_kind kind, const char *map, const char *header)
{
    const char *columns[16], *text = "";
    char problem[300] = "", *copy = arena_copy_text(arena, header);
    size_t count = 0;
    for (char *part; (part = strsep(&copy, ","));)
        columns[count++] = part;
    if (!table_name_columns(arena, kind, map, columns, count, problem, sizeof(problem)))
        return arena_copy_text(arena, problem);
    for (size_t i = 0; i < count; i++)
        text = arena_format(arena, "%s%s%s", text, i ? "," : "", columns[i]);
    const char *missing = table_missing_column(kind, columns, count);
    return missing ? arena_format(arena, "%s without %s", text, missing) : text;
}

static void known_columns_get_their_names(void **state)
{
    struct arena *arena = *state;
    assert_string_equal(name(arena, IMPORT_ITEMS, NULL, "ID,Title,Price,Active (0/1)"),
                        "id,name,price,active");
    assert_string_equal(name(arena, IMPORT_ITEMS, NULL, "id,name,title"),
                        "id,name,title"); /* exact names first */
    assert_string_equal(name(arena, IMPORT_ITEMS, NULL, "item_id,Name,id"), "item_id,name,id");
    assert_string_equal(name(arena, IMPORT_ITEMS, NULL, "ID,Price"), "id,price without name");
    assert_string_equal(name(arena, IMPORT_EVENTS, NULL, "event_time,event_type,product_id,user_id"),
                        "occurred_at,type,item_id,user_id");
    assert_string_equal(name(arena, IMPORT_EVENTS, NULL, "User ID,product_id"),
                        "user_id,item_id without type");
    assert_string_equal(name(arena, IMPORT_BARE_EVENTS, NULL, "User ID,product_id"), "user_id,item_id");
    assert_non_null(strstr(name(arena, IMPORT_ITEMS, NULL, "id,name,id"), "\"id\" twice"));
    assert_string_equal(name(arena, IMPORT_ITEMS, NULL, "id,,name,"), "id,,name,");
    assert_string_equal(name(arena, IMPORT_ITEMS, NULL, "id,name,Categories,PRICE,Brand"),
                        "id,name,category,price,Brand");
    assert_string_equal(name(arena, IMPORT_ITEMS, NULL, "id,name,Categories,Category"),
                        "id,name,Categories,category");
}

static void the_user_names_columns(void **state)
{
    struct arena *arena = *state;
    assert_string_equal(name(arena, IMPORT_ITEMS, "name=Titel,price=Preis", "id,Titel,Preis"),
                        "id,name,price");
    assert_string_equal(name(arena, IMPORT_ITEMS, "id=sku", "id,sku,name"), ",id,name");
    assert_string_equal(name(arena, IMPORT_ITEMS, "name = titel ", "id,TITEL"), "id,name");
    assert_non_null(
        strstr(name(arena, IMPORT_ITEMS, "name=Titel", "id,title"), "\"Titel\" that the file does not have"));
    assert_non_null(strstr(name(arena, IMPORT_ITEMS, "name", "id,title"), "--map must be"));
    assert_non_null(strstr(name(arena, IMPORT_ITEMS, "=x", "id,title"), "--map must be"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_are_found),
        ARENA_TEST(names_agree_but_for_capitals_and_hyphens),
        ARENA_TEST(known_columns_get_their_names),
        ARENA_TEST(the_user_names_columns),
    };
    return cmocka_run_group_tests_name("cli/import/table_header", tests, NULL, NULL);
}
