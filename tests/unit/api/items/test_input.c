/* Items in requests: names of ids, types, limits, and which fields errors name. */
#include "../../base/fixture.h"

#include "api/items/input.h"
#include "base/json_list.h"

/* The fields that are complained about, with spaces between; "" for none. */
static const char *problems(const struct request *request)
{
    const char *found = "";
    for (size_t i = 0; i < request->error.problem_count; i++)
        found = arena_format(request->arena, "%s%s%s", found, i ? " " : "", request->error.problems[i].field);
    return found;
}

static struct item_input check_as(struct arena *arena, const char *path, const char *json, const char *prefix,
                                  const char *fields)
{
    struct request request = {.arena = arena, .path = path};
    struct item_input input = {0};
    bool good = item_input_new(&request, json_of(arena, json), prefix, &input);
    if (strcmp(problems(&request), fields))
        fail_msg("%.200s: \"%s\", not \"%s\"", json, problems(&request), fields);
    assert_int_equal(good, !*fields);
    return input;
}

static struct item_input check(struct arena *arena, const char *json, const char *fields)
{
    return check_as(arena, "/v1/items", json, "", fields);
}

static void ids(void **state)
{
    static const char *const names[] = {"id", "item_id", "itemId", "entity_id"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *text = arena_format(*state, "{\"%s\":\"a-1_B\",\"name\":\"x\"}", names[i]);
        assert_string_equal(check(*state, text, "").id, "a-1_B");
        check(*state, arena_format(*state, "{\"%s\":[],\"name\":\"x\"}", names[i]), names[i]);
        check(*state, arena_format(*state, "{\"%s\":true,\"name\":\"x\"}", names[i]), names[i]);
        check(*state, arena_format(*state, "{\"%s\":1.5,\"name\":\"x\"}", names[i]), names[i]);
    }
    assert_string_equal(check(*state, "{\"id\":12,\"itemId\":\"12\",\"name\":\"x\"}", "").id, "12");
    assert_null(check(*state, "{\"id\":null,\"name\":\"x\"}", "").id);
    check(*state, "{\"id\":12,\"entity_id\":\"13\",\"name\":\"x\"}", "entity_id");
    check(*state, "{\"id\":\"-a\",\"name\":\"x\"}", "id");
    check(*state, "{\"id\":-1,\"name\":\"x\"}", "id");
    check(*state, "{\"id\":\"a b\",\"name\":\"x\"}", "id");
    check(*state, "{\"id\":\"\",\"name\":\"x\"}", "id");
    check_as(*state, "/items", "{\"id\":\"a b\",\"name\":\"x\"}", "", "");
    check_as(*state, "/items", "{\"id\":\"a\\nb\",\"name\":\"x\"}", "", "id");
}

static void names_and_titles(void **state)
{
    check(*state, "{}", "name");
    check(*state, "{\"name\":null}", "name");
    check(*state, "{\"name\":\"\"}", "name");
    check(*state, "{\"title\":\"x\"}", "name");
    assert_string_equal(check_as(*state, "/items", "{\"title\":\"x\"}", "", "").name, "x");
    assert_string_equal(check_as(*state, "/items", "{\"title\":\"x\",\"name\":\"y\"}", "", "").name, "y");
    check_as(*state, "/items", "{\"title\":7}", "", "title");
}

static void entries_are_named_by_their_place(void **state)
{
    check_as(*state, "/v1/items", "7", "[3].", "[3]");
    check_as(*state, "/v1/items", "null", "[0].", "[0]");
    check_as(*state, "/v1/items", "{\"name\":1,\"description\":[],\"metadata\":\"x\",\"active\":2}", "[3].",
             "[3].name [3].description [3].metadata [3].active");
    check_as(*state, "/v1/items", "{}", "[3].", "[3].name");
}

static void metadata_has_a_limit(void **state)
{
    char *most = repeat(*state, 'x', LIMIT_METADATA_BYTES - strlen("{\"a\":\"\"}"));
    check(*state, arena_format(*state, "{\"name\":\"x\",\"metadata\":{\"a\":\"%s\"}}", most), "");
    check(*state, arena_format(*state, "{\"name\":\"x\",\"metadata\":{\"a\":\"%sx\"}}", most), "metadata");
}

static void what_is_kept_outlives_its_json(void **state)
{
    char text[] = "[{\"id\":12,\"name\":\"\\u00e4\",\"metadata\":{ \"a\" : 1.50 }}, {\"name\":\"x\"}]";
    struct json_list list;
    struct json_object *value;
    const char *problem;
    struct request request = {.arena = *state, .path = "/items", .list = &list};
    struct item_input input = {0};
    assert_true(json_list_open(text, strlen(text), &list, &problem));
    assert_true(json_list_next(&list, &value, &problem));
    assert_true(item_input_new(&request, value, "[0].", &input));
    item_input_keep(&request, &input);
    json_object_put(value);
    assert_string_equal(input.id, "12");
    assert_string_equal(input.name, "ä");
    assert_null(input.description);
    assert_string_equal(input.metadata, "{\"a\":1.50}");
}

static void whether_it_is_active(void **state)
{
    struct item_input input = check(*state, "{\"name\":\"x\"}", "");
    assert_false(input.has_active);
    input = check(*state, "{\"name\":\"x\",\"active\":\"false\"}", "");
    assert_true(input.has_active && !input.active);
    check(*state, "{\"name\":\"x\",\"active\":0}", "active");
}

static void ids_in_paths(void **state)
{
    const char *most = repeat(*state, 'x', LIMIT_ID_CHARACTERS);
    const char *const good[] = {"a", " ", "-", "ü/&", most};
    const char *const bad[] = {"", "a\n", "\x7F", arena_format(*state, "%sx", most)};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct request request = {.arena = *state, .path_id = good[i]};
        assert_true(item_input_path_id(&request));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct request request = {.arena = *state, .path_id = bad[i]};
        assert_false(item_input_path_id(&request));
        assert_int_equal(request.error.code, ERROR_INVALID_ID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(ids),
        ARENA_TEST(names_and_titles),
        ARENA_TEST(entries_are_named_by_their_place),
        ARENA_TEST(metadata_has_a_limit),
        ARENA_TEST(what_is_kept_outlives_its_json),
        ARENA_TEST(whether_it_is_active),
        ARENA_TEST(ids_in_paths),
    };
    return cmocka_run_group_tests_name("api/item_input", tests, NULL, NULL);
}
