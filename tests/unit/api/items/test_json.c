/* Items in answers. */
#include "../../base/fixture.h"

#include "api/items/json.h"

static const char *item(struct arena *arena, const struct item_row *row)
{
    struct json_writer *writer = json_writer_create(arena);
    item_write_open(writer, NULL, row);
    json_writer_end(writer);
    return json_writer_result(writer);
}

static void an_item(void **state)
{
    struct item_row row = {.id = "5",
                           .name = "n",
                           .description = "d",
                           .metadata = "{\"price\":1.50}",
                           .active = true,
                           .created_at = 7,
                           .updated_at = 8};
    assert_string_equal(item(*state, &row),
                        "{\"id\":\"5\",\"object\":\"item\",\"name\":\"n\",\"description\":\"d\","
                        "\"metadata\":{\"price\":1.50},\"active\":true,\"created\":7,\"updated_at\":8}");
    row.metadata = "[1]";
    assert_string_equal(json_text(json_member(json_of(*state, item(*state, &row)), "metadata")), "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(an_item),
    };
    return cmocka_run_group_tests_name("api/item_json", tests, NULL, NULL);
}
