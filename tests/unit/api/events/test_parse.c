/* One event as callers write it: every spelling, every rule, and which of several spellings counts. */
#include "../../base/fixture.h"

#include "api/events/parse.h"

static struct event_input read_good(struct arena *arena, const char *json)
{
    struct event_input event;
    struct error error = {0};
    if (!event_parse(arena, NULL, json_of(arena, json), &event, &error))
        fail_msg("refused: %.300s: %s", json, error.message);
    return event;
}

/* The event with more members; fields: those complained of, separated by spaces. */
static void check_with(struct arena *arena, const char *members, const char *fields)
{
    const char *json =
        arena_format(arena, "{%s\"user_id\":\"u\",\"item_id\":\"i\",\"type\":\"view\"}", members);
    struct event_input event;
    struct error error = {0};
    bool good = event_parse(arena, NULL, json_of(arena, json), &event, &error);
    const char *found = "";
    for (size_t i = 0; i < error.problem_count; i++)
        found = arena_format(arena, "%s%s%s", found, i ? " " : "", error.problems[i].field);
    if (strcmp(found, fields))
        fail_msg("%.300s: \"%s\", not \"%s\"", json, found, fields);
    assert_int_equal(good, !*fields);
}

static void an_event_is_an_object(void **state)
{
    static const char *const bad[] = {"[]", "\"text\"", "7", "true"};
    struct event_input event;
    struct error error = {0};
    assert_false(event_parse(*state, NULL, NULL, &event, &error));
    assert_int_equal(error.code, ERROR_VALIDATION);
    for (size_t i = 0; i < COUNT(bad); i++) {
        error_clear(&error);
        assert_false(event_parse(*state, NULL, json_of(*state, bad[i]), &event, &error));
        assert_int_equal(error.code, ERROR_VALIDATION);
    }
}

static void three_fields_are_needed(void **state)
{
    struct event_input event;
    struct error error = {0};
    assert_false(event_parse(*state, NULL, json_of(*state, "{}"), &event, &error));
    assert_int_equal(error.code, ERROR_PARAMETER_MISSING);
    assert_int_equal(error.problem_count, 3);
    assert_string_equal(error.problems[0].field, "user_id");
    assert_string_equal(error.problems[1].field, "item_id");
    assert_string_equal(error.problems[2].field, "type");
}

static void the_first_spelling_counts(void **state)
{
    struct event_input event =
        read_good(*state, "{\"userId\":[],\"user_id\":\"u\",\"entity_id\":{},\"itemId\":5,\"eventId\":[],"
                          "\"event_type\":3,\"sessionId\":\"s\",\"session_id\":null,\"timestamp\":true,"
                          "\"occurred_at\":1717200000}");
    assert_string_equal(event.user_id, "u");
    assert_string_equal(event.item_id, "5");
    assert_string_equal(event.item_field, "itemId");
    assert_string_equal(event.type, "3");
    assert_string_equal(event.type_field, "event_type");
    assert_string_equal(event.session_id, "s");
    assert_true(event.occurred_at == 1717200000000);
}

static void a_visitor_is_named_by_anonymous_id_alone(void **state)
{
    static const char *const visitors[] = {"\"anonymous_id\":\"v\"", "\"anonymousId\":\"v\"",
                                           "\"user_id\":null,\"anonymous_id\":\"v\""};
    static const char *const users[] = {"\"user_id\":\"u\"", "\"anonymous_id\":\"v\",\"userId\":\"u\"",
                                        "\"user_id\":\"u\",\"anonymous_id\":[]"};
    for (size_t i = 0; i < 3; i++) {
        struct event_input event =
            read_good(*state, arena_format(*state, "{%s,\"item_id\":\"i\",\"type\":\"view\"}", visitors[i]));
        assert_true(event.is_visitor && !strcmp(event.user_id, "v"));
        event = read_good(*state, arena_format(*state, "{%s,\"item_id\":\"i\",\"type\":\"view\"}", users[i]));
        assert_true(!event.is_visitor && !strcmp(event.user_id, "u"));
    }
}

static void blank_is_absent_where_a_field_may_be(void **state)
{
    struct event_input event =
        read_good(*state, "{\"user_id\":1,\"item_id\":2,\"type\":3,\"request_id\":\"\",\"session_id\":\"  \","
                          "\"placement\":\"\\t\",\"context_id\":\"\",\"deduplication_id\":\"\"}");
    assert_null(event.request_id);
    assert_null(event.session_id);
    assert_null(event.placement);
    assert_null(event.context_id);
    assert_null(event.deduplication);
    assert_false(event.has_time);
}

static void texts_have_limits(void **state)
{
    static const struct {
        const char *name;
        size_t limit;
    } fields[] = {{"user_id", 128},    {"item_id", 128},    {"type", 64},       {"context_id", 128},
                  {"session_id", 128}, {"request_id", 128}, {"placement", 128}, {"deduplication_id", 255}};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        const char *longest = repeat(arena, 'x', fields[i].limit);
        const char *const good = "{\"user_id\":\"u\",\"item_id\":\"i\",\"type\":\"view\"}";
        struct json_object *entry = json_of(arena, good);
        struct event_input event;
        struct error error = {0};
        json_add_text(entry, fields[i].name, longest);
        assert_true(event_parse(arena, NULL, entry, &event, &error));
        entry = json_of(arena, good);
        json_add_text(entry, fields[i].name, arena_format(arena, "%sx", longest));
        assert_false(event_parse(arena, NULL, entry, &event, &error));
        assert_string_equal(error.problems[0].field, fields[i].name);
    }
}

static void times(void **state)
{
    static const char *const good[] = {"1717200000",
                                       "1717200000000",
                                       "\"1717200000\"",
                                       "1717200000.0",
                                       "\"2024-06-01T00:00:00Z\"",
                                       "\"2024-06-01\"",
                                       "1717200000000000",
                                       "\"2024-06-01 02:00:00 +0200\"",
                                       "20240601"};
    static const char *const bad[] = {"\"\"", "\"soon\"", "-1", "0",     "45306",
                                      "true", "[]",       "{}", "1e300", "\"2024-13-01\""};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct event_input event = read_good(
            arena, arena_format(arena, "{\"user_id\":1,\"item_id\":2,\"type\":3,\"client_ts\":%s}", good[i]));
        assert_true(event.has_time && event.occurred_at == 1717200000000);
        assert_non_null(event.client_ts);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        check_with(arena, arena_format(arena, "\"occurred_at\":%s,", bad[i]), "occurred_at");
        check_with(arena, arena_format(arena, "\"timestamp\":1717200000,\"clientTs\":%s,", bad[i]),
                   "clientTs");
    }
}

static void metadata_and_weight(void **state)
{
    check_with(*state, "\"metadata\":{},\"weight\":-100,", "");
    check_with(*state, "\"metadata\":null,\"weight\":\"1.5\",", "");
    check_with(*state, "\"metadata\":[],", "");
    check_with(*state, "\"metadata\":[0],", "metadata");
    check_with(*state, "\"metadata\":\"{}\",", "metadata");
    check_with(*state, "\"weight\":100.5,", "weight");
    check_with(*state, "\"weight\":\"much\",", "weight");
    check_with(*state, "\"weight\":true,", "weight");
    assert_string_equal(read_good(*state, "{\"user_id\":1,\"item_id\":2,\"type\":3,\"weight\":0.25}").factor,
                        "0.25");
}

static void a_search_has_a_query_and_no_item(void **state)
{
    struct event_input event = read_good(
        *state, "{\"user_id\":1,\"query\":\"  shoes \",\"result_item_ids\":[\"a\",5],\"event_id\":8}");
    assert_null(event.item_id);
    assert_string_equal(event.type, "search");
    assert_string_equal(event.query, "shoes ");
    assert_int_equal(event.result_item_count, 2);
    assert_string_equal(event.result_items[1], "5");
    event = read_good(*state, "{\"user_id\":1,\"query\":[],\"item_id\":\"i\",\"type\":\"view\"}");
    assert_null(event.query);
    assert_string_equal(event.item_id, "i");
}

static void results_are_a_list_of_ids(void **state)
{
    static const char *const bad[] = {"{}", "\"a\"", "[null]", "[[]]", "[\"\"]", "[1.5]"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct event_input event;
        struct error error = {0};
        assert_false(event_parse(
            arena, NULL,
            json_of(arena,
                    arena_format(arena, "{\"user_id\":1,\"query\":\"q\",\"resultItemIds\":%s}", bad[i])),
            &event, &error));
        assert_true(!strncmp(error.problems[0].field, "resultItemIds", 13));
    }
}

static void metadata_holds_context_and_query(void **state)
{
    static const char *const cases[][2] = {
        {"{\"user_id\":1,\"item_id\":2,\"type\":3}", NULL},
        {"{\"user_id\":1,\"item_id\":2,\"type\":3,\"metadata\":{\"a\":null,\"b\":1.50}}",
         "{\"a\":null,\"b\":1.50}"},
        {"{\"user_id\":1,\"item_id\":2,\"type\":3,\"contextId\":4,\"metadata\":{\"context_id\":5,\"a\":6}}",
         "{\"context_id\":\"4\",\"a\":6}"},
        {"{\"user_id\":1,\"item_id\":2,\"type\":3,\"context_id\":\"home\",\"metadata\":null}",
         "{\"context_id\":\"home\"}"},
        {"{\"user_id\":1,\"query\":\"q\",\"result_item_ids\":[\"i\",7]}",
         "{\"query\":\"q\",\"result_item_ids\":[\"i\",\"7\"]}"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *metadata = read_good(*state, cases[i][0]).metadata;
        if (!cases[i][1])
            assert_null(metadata);
        else
            assert_string_equal(metadata, cases[i][1]);
    }
}

static void members_that_are_no_fields_are_kept(void **state)
{
    struct event_input event =
        read_good(*state, "{\"user_id\":1,\"like\":7,\"item_id\":2,\"type\":5,\"purchase\":{\"amount\":9.50},"
                          "\"eventType\":[],\"none\":null}");
    assert_string_equal(event.others, "{\"like\":7,\"purchase\":{\"amount\":9.50},\"none\":null}");
    event = read_good(*state, "{\"user_id\":1,\"item_id\":2,\"type\":5,\"none\":null,\"weight\":1}");
    assert_null(event.others);
    assert_true(event_has_field("eventType") && !event_has_field("purchase"));
}

/* The texts stand where the entry stood, and need neither its tree nor the arena. */
static void an_entry_of_a_list_needs_no_tree(void **state)
{
    char text[] =
        "[{\"user_id\":1,\"item_id\":\"\\u00e4\",\"type\":\"view\",\"client_ts\":1717200005, \"x\" : { } },"
        "{\"user_id\":1,\"query\":\" q\",\"result_item_ids\":[\"a\",5],\"weight\":\"bad\"}]";
    struct json_list list;
    struct json_object *entry;
    struct event_input event;
    struct error error = {0};
    const char *problem;
    assert_true(json_list_open(text, strlen(text), &list, &problem));
    assert_true(json_list_next(&list, &entry, &problem));
    assert_true(event_parse(*state, &list, entry, &event, &error));
    json_object_put(entry);
    assert_true(event.user_id >= text && event.user_id < text + sizeof(text));
    assert_string_equal(event.user_id, "1");
    assert_string_equal(event.item_id, "ä");
    assert_string_equal(event.client_ts, "1717200005");
    assert_string_equal(event.others, "{\"x\":{}}");
    assert_true(json_list_next(&list, &entry, &problem));
    assert_false(event_parse(*state, &list, entry, &event, &error));
    json_object_put(entry);
    assert_int_equal(event.result_item_count, 0); /* results of a refused search have no places */
    assert_null(event.query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(an_event_is_an_object),
        ARENA_TEST(three_fields_are_needed),
        ARENA_TEST(the_first_spelling_counts),
        ARENA_TEST(a_visitor_is_named_by_anonymous_id_alone),
        ARENA_TEST(blank_is_absent_where_a_field_may_be),
        ARENA_TEST(texts_have_limits),
        ARENA_TEST(times),
        ARENA_TEST(metadata_and_weight),
        ARENA_TEST(a_search_has_a_query_and_no_item),
        ARENA_TEST(results_are_a_list_of_ids),
        ARENA_TEST(metadata_holds_context_and_query),
        ARENA_TEST(members_that_are_no_fields_are_kept),
        ARENA_TEST(an_entry_of_a_list_needs_no_tree),
    };
    return cmocka_run_group_tests_name("api/events_parse", tests, NULL, NULL);
}
