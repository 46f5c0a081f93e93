/* Items in answers, and ids as text or numbers. */
#include "../../base/fixture.h"

#include "api/items/json.h"

static const char *id(struct arena *arena, const struct config *config, const char *text)
{
    struct json_writer *writer = json_writer_create(arena);
    item_write_id(writer, NULL, config, text);
    return json_writer_result(writer);
}

static void ids_are_numbers_only_when_asked_for_and_exact(void **state)
{
    static const char *const texts[] = {
        "007", "-1", "1.0", "1e3", "a", "9007199254740992", "99999999999999999999", "0"};
    struct config text = {0}, integer = {.ids_are_integers = true};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_string_equal(id(*state, &integer, texts[i]), arena_format(*state, "\"%s\"", texts[i]));
    assert_string_equal(id(*state, &integer, "9007199254740991"), "9007199254740991");
    assert_string_equal(id(*state, &text, "9007199254740991"), "\"9007199254740991\"");
}

static const char *item(struct arena *arena, const struct config *config, const struct item_row *row)
{
    struct json_writer *writer = json_writer_create(arena);
    item_write_open(writer, NULL, config, row);
    json_writer_end(writer);
    return json_writer_result(writer);
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
    assert_string_equal(item(*state, &config, &row),
                        "{\"id\":\"5\",\"object\":\"item\",\"name\":\"n\",\"description\":\"d\","
                        "\"metadata\":{\"price\":1.50},\"active\":true,\"created\":7,\"updated_at\":8}");
    row.metadata = "[1]";
    assert_string_equal(json_text(json_member(json_of(*state, item(*state, &config, &row)), "metadata")),
                        "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(ids_are_numbers_only_when_asked_for_and_exact),
        ARENA_TEST(an_item),
    };
    return cmocka_run_group_tests_name("api/item_json", tests, NULL, NULL);
}
