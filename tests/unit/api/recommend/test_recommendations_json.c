/* The answer of the second document: every field with its type, for items, for groups and for none. */
#include "../../base/fixture.h"

#include "api/recommend/recommendations_json.h"
#include "engine/item.h"

static float vector[ENGINE_VECTOR_SIZE];
static unsigned fields = ENTRY_ALL;
static const struct route route = {.method = "GET", .path = "/recommendations"};

static struct recommendation recommendation(const char *id, const char *metadata)
{
    return (struct recommendation){.id = id,
                                   .name = "Name",
                                   .description = "",
                                   .metadata = metadata,
                                   .score = 0.75,
                                   .source = "model",
                                   .vector = vector};
}

static struct json_object *answer(struct arena *arena, const struct recommendation_list *list,
                                  const struct viewed_window *viewed)
{
    struct request *request = arena_alloc(arena, 1, sizeof(*request));
    request->arena = arena;
    request->route = &route;
    request->tenant.key = "team-a";
    snprintf(request->id, sizeof(request->id), "id-1");
    struct recommendations_parameters parameters = {.entity = {ENTITY_USER, "u1", false},
                                                    .fields = fields,
                                                    .embedding = {.name = "Ann", .description = ""}};
    struct recommendation_query query = {.viewed = viewed, .quantity = 20};
    struct ranked_page page = {0};
    struct recommendations_view view = {
        .request = request, .parameters = &parameters, .query = &query, .page = &page};
    return json_of(arena, recommendations_json(&view, list)); /* as a client reads it */
}

static struct json_object *at(struct json_object *value, const char *path)
{
    char name[100];
    while (value && *path) {
        size_t length = strcspn(path, ".");
        assert_true(length < sizeof(name));
        memcpy(name, path, length);
        name[length] = '\0';
        value = json_object_is_type(value, json_type_array)
                    ? json_object_array_get_idx(value, (size_t)(name[0] - '0'))
                    : json_member(value, name);
        path += length + (path[length] == '.');
    }
    return value;
}

static void check(struct json_object *body, const char *path, const char *json)
{
    const char *text = json_text(at(body, path));
    if (strcmp(text, json))
        fail_msg("%s is %s, not %s", path, text, json);
}

static void an_empty_answer_has_every_field(void **state)
{
    struct recommendation_list list = {.recommender = "embedded"};
    struct json_object *body = answer(*state, &list, NULL);
    check(body, "object", "\"list\"");
    check(body, "message", "\"Recommendations fetched\"");
    check(body, "request_id", "\"id-1\"");
    check(body, "recommendations", "[]");
    check(body, "data", "[]");
    check(body, "count", "0");
    check(body, "limit", "20");
    check(body, "embedding.entity_id", "\"u1\"");
    check(body, "embedding.entity_type", "\"User\"");
    check(body, "embedding.name", "\"Ann\"");
    check(body, "embedding.metadata.team_id", "\"team-a\"");
    check(body, "cold_start_fallback_used", "true");
    check(body, "embedding_info.used_default", "true");
    assert_true(json_object_is_type(at(body, "processing_time_ms"), json_type_int));
    assert_true(json_object_get_int64(at(body, "processing_time_ms")) >= 0);
    struct json_object *null = (struct json_object *)&list;
    assert_true(json_object_object_get_ex(body, "excluded_viewed_items", &null)); /* there, and null */
    assert_null(null);
}

static void items_have_rank_score_metadata_and_numbers(void **state)
{
    struct recommendation items[] = {recommendation("a", "{\"category\":\"toys\",\"price\":9.90}"),
                                     recommendation("b", "{\"name\":\"the shop's\"}")};
    struct recommendation_list list = {.items = items, .item_count = 2, .has_history = true};
    items[1].score = 0.5;
    vector[0] = 0.125f;
    struct json_object *body = answer(*state, &list, NULL);
    check(body, "count", "2");
    check(body, "recommendations.0.entity_id", "\"a\"");
    check(body, "recommendations.0.rank", "1");
    check(body, "recommendations.0.score", "0.75");
    check(body, "recommendations.1.rank", "2");
    check(body, "recommendations.1.score", "0.5");
    check(body, "recommendations.0.metadata.category", "\"toys\"");
    check(body, "recommendations.0.metadata.price", "9.90"); /* as the shop wrote it */
    check(body, "recommendations.0.metadata.name", "\"Name\"");
    check(body, "recommendations.1.metadata.name", "\"the shop's\"");
    check(body, "recommendations.0.source", "\"model\"");
    check(body, "cold_start_fallback_used", "false");
    struct json_object *embedding = at(body, "recommendations.0.embedding");
    assert_int_equal(json_object_array_length(embedding), ENGINE_VECTOR_SIZE);
    check(embedding, "0", "0.125");
    for (size_t i = 0; i < ENGINE_VECTOR_SIZE; i++) {
        double number = json_object_get_double(json_object_array_get_idx(embedding, i));
        assert_true(number == (i ? 0 : 0.125));
    }
    assert_string_equal(json_text(at(body, "data")), json_text(at(body, "recommendations")));
}

/* Metadata in the database is checked JSON; should it be damaged all the same, the answer stays whole. */
static void damaged_metadata_is_an_empty_object(void **state)
{
    static const char *const damaged[] = {"", "{", "null", "{\"a\":\"\xFF\"}"};
    for (size_t i = 0; i < COUNT(damaged); i++) {
        struct recommendation item = recommendation("a", damaged[i]);
        struct recommendation_list list = {.items = &item, .item_count = 1};
        check(answer(*state, &list, NULL), "recommendations.0.metadata", "{\"name\":\"Name\"}");
    }
}

static void metadata_that_is_no_object_is_one_all_the_same(void **state)
{
    static const char *const others[] = {"[]", "7", "\"text\"", "[{\"a\":1}]"};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct recommendation item = recommendation("a", others[i]);
        struct recommendation_list list = {.items = &item, .item_count = 1};
        struct json_object *metadata = at(answer(*state, &list, NULL), "recommendations.0.metadata");
        assert_true(json_object_is_type(metadata, json_type_object));
    }
}

static void groups_stand_for_their_first_item(void **state)
{
    struct recommendation first[] = {recommendation("a", "{}"), recommendation("b", "{}")};
    struct recommendation second[] = {recommendation("c", "{}")};
    struct recommendation_group groups[] = {{.key = "toys", .items = first, .item_count = 2},
                                            {.key = "(none)", .items = second, .item_count = 1}};
    struct recommendation_list list = {.groups = groups, .group_count = 2};
    struct json_object *body = answer(*state, &list, NULL);
    check(body, "count", "2");
    check(body, "recommendations.0.object", "\"recommendation_group\"");
    check(body, "recommendations.0.group", "\"toys\"");
    check(body, "recommendations.0.entity_id", "\"a\"");
    check(body, "recommendations.0.score", "0.75");
    check(body, "recommendations.0.items.1.entity_id", "\"b\"");
    check(body, "recommendations.0.items.1.rank", "2");
    check(body, "recommendations.0.items.1.group", "\"toys\"");
    check(body, "recommendations.1.rank", "2");
    check(body, "recommendations.1.group", "\"(none)\"");
    assert_int_equal(json_object_array_length(at(body, "recommendations.1.items")), 1);
}

static void the_viewed_window_is_echoed(void **state)
{
    struct recommendation_list list = {0};
    struct viewed_window week = {.on = true, .seconds = 604800, .value = 1, .unit = "weeks"};
    struct viewed_window ever = {.on = true, .unit = "all time"};
    struct viewed_window off = {0};
    check(answer(*state, &list, &week), "excluded_viewed_items",
          "{\"value\":1,\"unit\":\"weeks\",\"interval\":\"1 weeks\"}");
    check(answer(*state, &list, &ever), "excluded_viewed_items",
          "{\"value\":null,\"unit\":\"all time\",\"interval\":null}");
    check(answer(*state, &list, &off), "excluded_viewed_items", "null");
}

static void what_is_not_wanted_is_left_out(void **state)
{
    struct recommendation item = recommendation("a", "{\"price\":1}");
    struct recommendation_list list = {.items = &item, .item_count = 1};
    fields = ENTRY_NAME;
    struct json_object *entry = at(answer(*state, &list, NULL), "data.0");
    assert_string_equal(json_text(entry), "{\"object\":\"recommendation\",\"id\":\"a\",\"entity_id\":\"a\","
                                          "\"item_id\":\"a\",\"rank\":1,\"score\":0.75,\"name\":\"Name\"}");
    fields = ENTRY_ITEM; /* which has metadata of its own */
    entry = at(answer(*state, &list, NULL), "data.0");
    assert_null(json_member(entry, "metadata"));
    check(entry, "item.metadata.price", "1");
    fields = ENTRY_ALL & ~(unsigned)ENTRY_EMBEDDING;
    entry = at(answer(*state, &list, NULL), "data.0");
    assert_null(json_member(entry, "embedding"));
    check(entry, "metadata.price", "1");
    check(entry, "item.metadata.price", "1");
    fields = ENTRY_ALL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(an_empty_answer_has_every_field),
        ARENA_TEST(what_is_not_wanted_is_left_out),
        ARENA_TEST(items_have_rank_score_metadata_and_numbers),
        ARENA_TEST(damaged_metadata_is_an_empty_object),
        ARENA_TEST(metadata_that_is_no_object_is_one_all_the_same),
        ARENA_TEST(groups_stand_for_their_first_item),
        ARENA_TEST(the_viewed_window_is_echoed),
    };
    return cmocka_run_group_tests_name("api/recommendations_json", tests, NULL, NULL);
}
