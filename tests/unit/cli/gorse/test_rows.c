/* Tests of cli/gorse/rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "cli/gorse/rows.h"

#include <stdio.h>
#include <string.h>

static struct arena *arena;

static int start(void **state)
{
    (void)state;
    arena = arena_create();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void test_ids(void **state)
{
    (void)state;
    assert_true(gorse_takes_id("a"));
    assert_true(gorse_takes_id(" a b "));
    assert_true(gorse_takes_id("\xC3\xA4"));
    assert_true(gorse_takes_id("\\"));
    assert_false(gorse_takes_id(""));
    assert_false(gorse_takes_id("  "));
    assert_false(gorse_takes_id("\xC2\xA0 \xE3\x80\x80"));
    assert_false(gorse_takes_id("/"));
    assert_false(gorse_takes_id("a/b"));
}

static const char *item_text(const struct push_item *item)
{
    struct json_writer *writer = json_writer_create(arena);
    gorse_write_item(writer, arena, item);
    return json_writer_result(writer);
}

static void expect_item(const struct push_item *item, const char *json)
{
    assert_string_equal(item_text(item), json);
}

static void test_item(void **state)
{
    (void)state;
    struct push_item item = {.id = "i\"1",
                             .name = "A \"name\"",
                             .active = true,
                             .created = 1330605296,
                             .metadata =
                                 "{\"category\": \"toys\", \"brand\": \"Acme\", \"price\": 3.5, \"tags\": "
                                 "[\"a\", \"b\", \"a\", 7, null], \"size\": {\"unit\": \"cm\"}}"};
    expect_item(&item,
                "{\"ItemId\":\"i\\\"1\",\"IsHidden\":false,\"Categories\":[\"toys\"],\"Timestamp\":"
                "\"2012-03-01T12:34:56Z\",\"Labels\":[\"brand:Acme\",\"tags:a\",\"tags:b\",\"size.unit:"
                "cm\"],\"Comment\":\"A \\\"name\\\"\"}");
    item = (struct push_item){
        .id = "2",
        .name = "n",
        .metadata = "{\"category\": [\"x\", \"y\", \"x\", \"a/b\", \" \", 5], \"a\": {\"category\": \"z\"}}"};
    expect_item(&item,
                "{\"ItemId\":\"2\",\"IsHidden\":true,\"Categories\":[\"x\",\"y\"],\"Timestamp\":\"1970-"
                "01-01T00:00:00Z\",\"Labels\":[\"a.category:z\"],\"Comment\":\"n\"}");
}

static void test_first_sale(void **state)
{
    (void)state;
    struct push_item item = {.id = "1", .name = "", .metadata = "{}", .created = 86400, .first_sale = 3600};
    assert_non_null(strstr(item_text(&item), "1970-01-01T01:00:00Z"));
    item.first_sale = 90000;
    assert_non_null(strstr(item_text(&item), "1970-01-02T00:00:00Z"));
}

static void test_deleted_item(void **state)
{
    (void)state;
    expect_item(
        &(struct push_item){.id = "3",
                            .name = "gone",
                            .metadata = "{\"category\": \"x\", \"brand\": \"b\"}",
                            .active = true,
                            .deleted = true},
        "{\"ItemId\":\"3\",\"IsHidden\":true,\"Categories\":[],\"Timestamp\":\"1970-01-01T00:00:00Z\","
        "\"Labels\":[],\"Comment\":\"\"}");
}

static void test_labels_have_limits(void **state)
{
    (void)state;
    char metadata[20000] = "{\"long\": \"";
    size_t length = strlen(metadata);
    memset(metadata + length, 'x', 196);
    length += 196;
    length += (size_t)snprintf(metadata + length, sizeof(metadata) - length, "\", \"many\": [\"0\"");
    for (int i = 1; i < 300; i++)
        length += (size_t)snprintf(metadata + length, sizeof(metadata) - length, ", \"%d\"", i);
    snprintf(metadata + length, sizeof(metadata) - length, "]}");
    const char *text = item_text(&(struct push_item){.id = "4", .name = "", .metadata = metadata}), *problem;
    struct json_object *json;
    assert_true(json_parse_arena(arena, text, strlen(text), &json, &problem));
    struct json_object *labels = json_member(json, "Labels");
    assert_int_equal(json_object_array_length(labels), 200);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(labels, 0)), "many:0");
}

static void test_user(void **state)
{
    (void)state;
    struct json_writer *writer = json_writer_create(arena);
    gorse_write_user(writer, &(struct push_user){"u", "Ann"});
    assert_string_equal(json_writer_result(writer), "{\"UserId\":\"u\",\"Labels\":[],\"Comment\":\"Ann\"}");
}

static bool says(const char *type, int weight, const char *user, const char *item)
{
    struct gorse_feedback row;
    return gorse_feedback_of(
        &(struct push_event){.user_id = user, .item_id = item, .type = type, .weight = weight}, &row);
}

static const char *feedback_text(const struct gorse_feedback *row)
{
    struct json_writer *writer = json_writer_create(arena);
    gorse_write_feedback(writer, row);
    return json_writer_result(writer);
}

static void test_feedback(void **state)
{
    (void)state;
    struct gorse_feedback row;
    struct push_event event = {.user_id = "u",
                               .item_id = "i",
                               .type = "purchase",
                               .weight = 100,
                               .is_purchase = true,
                               .quantity = 3,
                               .occurred_at = 1330605296789};
    assert_true(gorse_feedback_of(&event, &row));
    assert_string_equal(
        feedback_text(&row),
        "{\"FeedbackType\":\"purchase\",\"UserId\":\"u\",\"ItemId\":\"i\",\"Value\":3,\"Timestamp\":\"2012-"
        "03-01T12:34:56Z\",\"Comment\":\"\"}");
    event.is_purchase = false;
    assert_true(gorse_feedback_of(&event, &row));
    assert_non_null(strstr(feedback_text(&row), "\"FeedbackType\":\"view\""));
    assert_non_null(strstr(feedback_text(&row), "\"Value\":1,"));
    assert_true(says("like", 1, "u", "i"));
    assert_false(says("like", 0, "u", "i"));
    assert_false(says("dislike", -50, "u", "i"));
    assert_false(says("impression", 1, "u", "i"));
    assert_false(says("view", 10, "u/v", "i"));
    assert_false(says("search", 10, "u", ""));
}

static void test_merge(void **state)
{
    (void)state;
    struct gorse_feedback rows[] = {{"u", "i", false, 5, 1}, {"u", "i", true, 1, 4},
                                    {"t", "i", false, 9, 1}, {"u", "i", false, 7, 1},
                                    {"u", "i", false, 6, 1}, {"u", "h", false, 2, 1}};
    assert_int_equal(gorse_feedback_merge(rows, 6), 4);
    assert_string_equal(rows[0].user_id, "t");
    assert_string_equal(rows[1].item_id, "h");
    assert_int_equal(rows[2].at, 7);
    assert_false(rows[2].purchased);
    assert_true(rows[3].purchased);
    assert_int_equal(rows[2].value, 3);
    assert_int_equal(rows[3].value, 4);
    assert_ptr_equal(gorse_feedback_find(rows, 4, &(struct gorse_feedback){"u", "i", true, 0, 0}), &rows[3]);
    assert_null(gorse_feedback_find(rows, 4, &(struct gorse_feedback){"t", "i", true, 0, 0}));
    assert_null(gorse_feedback_find(NULL, 0, &(struct gorse_feedback){"t", "i", true, 0, 0}));
    assert_int_equal(gorse_feedback_merge(rows, 1), 1);
    assert_int_equal(gorse_feedback_merge(rows, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),          cmocka_unit_test(test_item),
        cmocka_unit_test(test_deleted_item), cmocka_unit_test(test_labels_have_limits),
        cmocka_unit_test(test_user),         cmocka_unit_test(test_feedback),
        cmocka_unit_test(test_merge),        cmocka_unit_test(test_first_sale),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
