/* Metadata as flat fields: paths, lists, types, numbers and the limit. */
#include "../base/fixture.h"

#include "recommender/item_fields.h"

/* The fields as "path=text" joined by '|', with a '#' behind those that are numbers. */
static const char *fields_of(struct arena *arena, const char *metadata)
{
    struct engine_item item = {.field_count = 99};
    const char *text = "";
    item_fields_parse(arena, metadata, &item);
    for (size_t i = 0; i < item.field_count; i++)
        text = arena_format(arena, "%s%s%s=%s%s", text, i ? "|" : "", item.fields[i].path,
                            item.fields[i].text, isnan(item.fields[i].number) ? "" : "#");
    return text;
}

static void check(struct arena *arena, const char *metadata, const char *fields)
{
    assert_string_equal(fields_of(arena, metadata), fields);
}

static void every_type(void **state)
{
    struct arena *arena = *state;
    check(arena, "{}", "");
    check(arena, "{\"a\":\"red\",\"b\":7,\"c\":1.50,\"d\":true,\"e\":false,\"f\":null,\"g\":\"\"}",
          "a=red|b=7#|c=1.5#|d=true|e=false|g=");
}

static void nested_objects_are_paths(void **state)
{
    struct arena *arena = *state;
    check(arena, "{\"size\":{\"width\":3,\"depth\":{\"min\":1}},\"x\":{}}",
          "size.width=3#|size.depth.min=1#");
    check(arena, "{\"a\":{\"b\":null}}", "");
}

static void lists_are_one_field_an_element(void **state)
{
    struct arena *arena = *state;
    check(arena, "{\"tags\":[\"b\",\"a\",null,7],\"none\":[]}", "tags=b|tags=a|tags=7#");
    check(arena, "{\"v\":[{\"size\":1},{\"size\":2}],\"w\":[[1],[2,[3]]]}",
          "v.size=1#|v.size=2#|w=1#|w=2#|w=3#");
}

static void a_text_is_also_a_number_where_it_is_an_amount(void **state)
{
    static const struct {
        const char *text;
        double number;
    } cases[] = {{"12.50", 12.5}, {"-3", -3},   {"1e2", NAN}, {"12 EUR", 12}, {" 12", 12},  {"007", NAN},
                 {"0x10", NAN},   {"nan", NAN}, {"inf", NAN}, {"", NAN},      {"1,5", 1.5}, {"1e999", NAN}};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct engine_item item = {0};
        item_fields_parse(arena, arena_format(arena, "{\"a\":\"%s\"}", cases[i].text), &item);
        assert_int_equal(item.field_count, 1);
        assert_string_equal(item.fields[0].text, cases[i].text);
        assert_int_equal(isnan(item.fields[0].number), isnan(cases[i].number));
        assert_true(isnan(cases[i].number) || item.fields[0].number == cases[i].number);
    }
}

static void a_number_has_one_spelling(void **state)
{
    check(*state, "{\"a\":7,\"b\":7.0,\"c\":7e0,\"d\":0.70e1,\"e\":-0.0,\"f\":5E2,\"g\":1.50}",
          "a=7#|b=7#|c=7#|d=7#|e=0#|f=500#|g=1.5#");
    check(*state, "{\"a\":9007199254740993,\"b\":-9223372036854775807}",
          "a=9007199254740993#|b=-9223372036854775807#");
    check(*state, "{\"a\":\"7.0\",\"b\":\"007\",\"c\":\"5E2\"}",
          "a=7.0#|b=007|c=5E2"); /* texts stay as they are */
}

static void what_is_no_object_has_no_fields(void **state)
{
    static const char *const others[] = {"",      "null", "[]",       "[{\"a\":1}]",  "7",
                                         "\"a\"", "{",    "{\"a\":1", "{\"a\":1e999}"};
    struct engine_item item = {.field_count = 99};
    for (size_t i = 0; i < COUNT(others); i++)
        check(*state, others[i], "");
    item_fields_read(*state, NULL, &item);
    assert_int_equal(item.field_count, 0);
}

static void fields_have_a_limit(void **state)
{
    struct arena *arena = *state;
    const char *list = "0";
    struct engine_item item = {0};
    for (int i = 1; i < ITEM_FIELDS_MAX; i++)
        list = arena_format(arena, "%s,%d", list, i);
    item_fields_parse(arena, arena_format(arena, "{\"a\":[%s]}", list), &item);
    assert_int_equal(item.field_count, ITEM_FIELDS_MAX);
    assert_string_equal(item.fields[ITEM_FIELDS_MAX - 1].text, "499");
    item_fields_parse(arena, arena_format(arena, "{\"a\":[%s,500],\"b\":1}", list), &item);
    assert_int_equal(item.field_count, ITEM_FIELDS_MAX);
    assert_string_equal(item.fields[ITEM_FIELDS_MAX - 1].text, "499");
}

static void fields_outlive_the_metadata(void **state)
{
    struct engine_item item = {0};
    const char *problem;
    struct json_object *metadata;
    char *text = memory_copy_text("{\"size\":{\"width\":\"12\"},\"b\":\"x\"}");
    assert_true(json_parse(text, strlen(text), &metadata, &problem));
    item_fields_read(*state, metadata, &item);
    json_object_put(metadata);
    memory_free(text);
    assert_int_equal(item.field_count, 2);
    assert_string_equal(item.fields[0].path, "size.width");
    assert_string_equal(item.fields[0].text, "12");
    assert_string_equal(item.fields[1].path, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(every_type),
        ARENA_TEST(nested_objects_are_paths),
        ARENA_TEST(lists_are_one_field_an_element),
        ARENA_TEST(a_number_has_one_spelling),
        ARENA_TEST(a_text_is_also_a_number_where_it_is_an_amount),
        ARENA_TEST(what_is_no_object_has_no_fields),
        ARENA_TEST(fields_have_a_limit),
        ARENA_TEST(fields_outlive_the_metadata),
    };
    return cmocka_run_group_tests_name("recommender/item_fields", tests, NULL, NULL);
}
