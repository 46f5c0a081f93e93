/* Items in answers, and ids as text or numbers. */
#include "../../base/fixture.h"

#include "api/id_json.h"
#include "api/items/json.h"

static void ids_are_numbers_only_when_asked_for_and_exact(void **state)
{
    static const char *const texts[] = {
        "007", "-1", "1.0", "1e3", "a", "9007199254740992", "99999999999999999999", "0"};
    struct config text = {0}, integer = {.ids_are_integers = true};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct json_object *id = id_json(&integer, texts[i]);
        assert_true(json_object_is_type(id, json_type_string));
        assert_string_equal(json_object_get_string(id), texts[i]);
        json_object_put(id);
    }
    struct json_object *id = id_json(&integer, "9007199254740991"),
                       *same = id_json(&text, "9007199254740991");
    assert_true(json_object_is_type(id, json_type_int));
    assert_true(json_object_is_type(same, json_type_string));
    json_object_put(id);
    json_object_put(same);
}

static void an_item(void **state)
{
    struct config config = {0};
    struct item_row row = {.id = "5",
                           .name = "n",
                           .description = "d",
                           .metadata = "{\"price\":1.50}",
                           .active = true,
                           .created_at = 7,
                           .updated_at = 8};
    struct json_object *item = json_keep(*state, item_json(*state, &config, &row));
    assert_string_equal(json_text(item),
                        "{\"id\":\"5\",\"object\":\"item\",\"name\":\"n\",\"description\":\"d\","
                        "\"metadata\":{\"price\":1.50},\"active\":true,\"created\":7,\"updated_at\":8}");
    row.metadata = "[1]";
    item = json_keep(*state, item_json(*state, &config, &row));
    assert_string_equal(json_text(json_member(item, "metadata")), "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(ids_are_numbers_only_when_asked_for_and_exact),
        ARENA_TEST(an_item),
    };
    return cmocka_run_group_tests_name("api/item_json", tests, NULL, NULL);
}
