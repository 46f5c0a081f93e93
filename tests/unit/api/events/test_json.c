/* Events as the API writes them: the resource, stored metadata, and both answers to a call. */
#include "../../base/fixture.h"

#include "api/events/json.h"

/* payload NULL: none. */
static void check(struct arena *arena, const struct event_input *event, const char *type, const char *text,
                  const char *payload)
{
    struct event_metadata metadata;
    struct error error = {0};
    assert_true(event_metadata(arena, event, type, &metadata, &error));
    if (text)
        assert_string_equal(metadata.text, text);
    else
        assert_null(metadata.text);
    assert_string_equal(
        arena_copy_bytes(arena, metadata.payload ? metadata.payload : "", metadata.payload_length),
        payload ? payload : "");
}

static void metadata_holds_the_payload(void **state)
{
    struct event_input event = {0};
    check(*state, &event, "view", NULL, NULL);
    event.others = "{\"like\":7,\"purchase\":{\"amount\":9.50},\"a\\\"b\":{},\"user_id\":{}}";
    check(*state, &event, "view", NULL, NULL);
    check(*state, &event, "purchase", "{\"purchase\":{\"amount\":9.50}}", "{\"amount\":9.50}");
    check(*state, &event, "a\"b", "{\"a\\\"b\":{}}", "{}");
    check(*state, &event, "user_id", NULL, NULL); /* a field of ours */
    event.metadata = "{\"a\":null,\"purchase\":1,\"context_id\":\"home\"}";
    check(*state, &event, "view", event.metadata, NULL);
    check(*state, &event, "purchase", "{\"a\":null,\"purchase\":{\"amount\":9.50},\"context_id\":\"home\"}",
          "{\"amount\":9.50}");
    struct event_metadata metadata;
    struct error error = {0};
    assert_false(event_metadata(*state, &event, "like", &metadata, &error));
    assert_string_equal(error.problems[0].field, "like");
}

/* What the caller wrote there himself is echoed, too. */
static void a_payload_may_stand_in_metadata(void **state)
{
    struct event_input event = {.metadata = "{\"x\":\"view\",\"view\":{\"y\":1},\"id\":{}}"};
    check(*state, &event, "view", event.metadata, "{\"y\":1}");
    check(*state, &event, "x", event.metadata, NULL);
    check(*state, &event, "id", event.metadata, NULL); /* a member of the resource */
}

static const struct listed_event purchase = {.id = 18446744073709551615U,
                                             .user_id = "u",
                                             .item_id = "i",
                                             .type = "purchase",
                                             .request_id = "r",
                                             .occurred_at = 1717200000999,
                                             .received_at = 1717200001};

static struct json_object *written(struct arena *arena, const struct listed_event *event,
                                   const char *metadata)
{
    struct json_writer *writer = json_writer_create(arena);
    struct listed_event stored = *event;
    stored.metadata = metadata;
    event_write_stored(writer, &stored);
    return json_of(arena, json_writer_result(writer));
}

static void a_resource_has_every_field(void **state)
{
    assert_string_equal(
        json_text(written(*state, &purchase, NULL)),
        "{\"id\":\"18446744073709551615\",\"object\":\"event\",\"user_id\":\"u\",\"item_id\":\"i\","
        "\"type\":\"purchase\",\"session_id\":null,\"request_id\":\"r\",\"context_id\":null,"
        "\"placement\":null,\"metadata\":{},\"occurred_at\":1717200000,\"created\":1717200001}");
}

static void the_payload_is_echoed_unless_a_field_has_its_name(void **state)
{
    struct json_object *body = written(*state, &purchase, "{\"purchase\":{\"amount\":1}}");
    assert_string_equal(json_text(json_member(body, "purchase")), "{\"amount\":1}");
    body = written(*state, &purchase, "{\"purchase\":1}");
    assert_null(json_member(body, "purchase"));
    struct listed_event odd = purchase;
    odd.type = "user_id";
    body = written(*state, &odd, "{\"user_id\":{}}");
    assert_string_equal(json_text(json_member(body, "user_id")), "\"u\"");
}

static void a_search_has_no_item(void **state)
{
    struct listed_event search = purchase;
    search.item_id = "";
    struct json_object *body = written(*state, &search, NULL);
    assert_false(json_object_object_get_ex(body, "item_id", NULL)); /* not even null */
}

static void metadata_that_cannot_be_read_is_empty(void **state)
{
    static const char *const odd[] = {"", "[]", "null", "{", "7"};
    for (size_t i = 0; i < COUNT(odd); i++)
        assert_string_equal(json_text(json_member(written(*state, &purchase, odd[i]), "metadata")), "{}");
}

/* Three entries: one new, one refused, one that was there before. */
static struct event_call example(struct event_entry entries[3], struct new_event rows[2])
{
    rows[0] =
        (struct new_event){.user_id = "u", .item_id = "i", .session_id = "s", .id = 7, .inserted = true};
    rows[1] = (struct new_event){.user_id = "u", .item_id = "i", .id = 5};
    entries[0] =
        (struct event_entry){.type = "view", .row = &rows[0], .input = {.user_id = "u", .session_id = "s"}};
    entries[1] = (struct event_entry){.refused = true, .code = ERROR_UNKNOWN_ITEM, .message = "no"};
    entries[2] = (struct event_entry){.type = "view", .row = &rows[1], .input = {.user_id = "u"}};
    return (struct event_call){.entries = entries, .count = 3, .is_list = true};
}

static const char *answer_of(struct arena *arena, const struct event_call *call)
{
    struct json_writer *out = json_writer_create(arena);
    event_call_answer(out, call, "/v1/events");
    return json_writer_result(out);
}

static const char *plain_answer_of(struct arena *arena, const struct event_call *call)
{
    struct json_writer *out = json_writer_create(arena);
    event_call_answer_plain(out, call);
    return json_writer_result(out);
}

static void an_answer_tells_what_became_of_each(void **state)
{
    struct event_entry entries[3];
    struct new_event rows[2];
    struct event_call call = example(entries, rows);
    struct json_object *body = json_of(*state, answer_of(*state, &call));
    assert_int_equal(json_object_array_length(json_member(body, "data")), 2);
    assert_int_equal(json_object_get_int(json_member(body, "inserted")), 1);
    assert_int_equal(json_object_get_int(json_member(body, "processed")), 3);
    assert_string_equal(json_text(json_member(body, "session")),
                        "{\"with_session_id\":1,\"with_request_id\":0}");
    assert_int_equal(
        json_object_get_int(json_member(json_member(body, "embedding_refresh"), "users_in_batch")), 1);
    assert_string_equal(json_text(json_member(body, "errors")),
                        "[{\"index\":1,\"code\":\"unknown_item\",\"message\":\"no\"}]");
    assert_string_equal(json_text(json_member(body, "url")), "\"/v1/events\"");
}

static void the_older_answer(void **state)
{
    struct event_entry entries[3];
    struct new_event rows[2];
    struct event_call call = example(entries, rows);
    assert_string_equal(
        plain_answer_of(*state, &call),
        "{\"message\":\"Event recorded successfully\",\"success\":true,\"id\":7,\"ids\":[7,null,5],"
        "\"inserted\":1,\"processed\":3,\"errors\":[{\"index\":1,\"code\":\"unknown_item\",\"message\":"
        "\"no\"}]}");
    call.count = 1;
    call.is_list = false;
    assert_string_equal(plain_answer_of(*state, &call),
                        "{\"message\":\"Event recorded "
                        "successfully\",\"success\":true,\"id\":7,\"inserted\":1,\"processed\":1}");
    call.entries = &entries[1];
    call.is_list = true;
    assert_string_equal(
        plain_answer_of(*state, &call),
        "{\"message\":\"No event was recorded\",\"success\":false,\"id\":null,\"ids\":[null],\"inserted\":0,"
        "\"processed\":1,\"errors\":[{\"index\":0,\"code\":\"unknown_item\",\"message\":\"no\"}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(metadata_holds_the_payload),
        ARENA_TEST(a_payload_may_stand_in_metadata),
        ARENA_TEST(metadata_that_cannot_be_read_is_empty),
        ARENA_TEST(a_resource_has_every_field),
        ARENA_TEST(the_payload_is_echoed_unless_a_field_has_its_name),
        ARENA_TEST(a_search_has_no_item),
        ARENA_TEST(an_answer_tells_what_became_of_each),
        ARENA_TEST(the_older_answer),
    };
    return cmocka_run_group_tests_name("api/events_json", tests, NULL, NULL);
}
