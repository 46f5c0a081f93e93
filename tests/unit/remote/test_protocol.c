/* Both protocols: what is said, and what a reply means, whatever its bytes are. */
#include "../base/fixture.h"

#include "base/limits.h"
#include "remote/protocol.h"

static const struct remote_event events[] = {{.item_id = "a", .at = 1700000000},
                                             {.item_id = "b", .at = 1700000060, .purchased = true}};
static const char *const exclude[] = {"b", "c"};

static struct remote_query query_of(void)
{
    return (struct remote_query){.request_id = "r-1",
                                 .tenant = "shop",
                                 .task = "t",
                                 .template_name = "personalized",
                                 .sequence_data = "{\"browsing_history\":[\"a\"]}",
                                 .history = events,
                                 .history_count = COUNT(events),
                                 .exclude = exclude,
                                 .exclude_count = COUNT(exclude),
                                 .own_exclude_count = COUNT(exclude),
                                 .quantity = 5};
}

static const char *read_all(struct arena *arena, const struct protocol *protocol, const char *bytes,
                            struct remote_reply *reply)
{
    const char *text = "";
    *reply = (struct remote_reply){0};
    if (!protocol->read(arena, bytes, strlen(bytes), reply))
        return "no reply";
    for (size_t i = 0; i < reply->count; i++) {
        assert_true(reply->entries[i].score >= 0 && reply->entries[i].score <= 1);
        assert_true(!i || reply->entries[i].score <= reply->entries[i - 1].score);
        text = arena_format(arena, "%s%s%s:%.4g", text, i ? " " : "", reply->entries[i].item_id,
                            reply->entries[i].score);
    }
    return text;
}

static void expect(struct arena *arena, const struct protocol *protocol, const char *bytes, const char *list,
                   size_t dropped)
{
    struct remote_reply reply;
    assert_string_equal(read_all(arena, protocol, bytes, &reply), list);
    assert_int_equal(reply.dropped, dropped);
}

static void palate_says_everything(void **state)
{
    struct arena *arena = *state;
    struct protocol_request request;
    struct remote_query query = query_of();
    protocol_palate.compose(arena, "https://h/p", "", &query, &request);
    assert_string_equal(request.url, "https://h/p");
    assert_null(request.headers[0]);
    assert_string_equal(
        request.body,
        "{\"request_id\":\"r-1\",\"tenant\":\"shop\",\"task\":\"t\",\"template\":\"personalized\","
        "\"sequence_data\":{\"browsing_history\":[\"a\"]},\"filters\":[],\"exclude\":[\"b\",\"c\"],"
        "\"quantity\":5}");
    query.user_id = "u \"1\"";
    query.context_id = 7;
    query.filters = "[{\"column\":\"x\"}]";
    protocol_palate.compose(arena, "https://h/p", "key", &query, &request);
    assert_string_equal(request.headers[0], "Authorization: Bearer key");
    assert_non_null(strstr(request.body, "\"context_id\":7,\"user_id\":\"u \\\"1\\\"\""));
    assert_non_null(strstr(request.body, "\"filters\":[{\"column\":\"x\"}]"));
}

static void palate_reads_both_shapes(void **state)
{
    struct arena *arena = *state;
    expect(arena, &protocol_palate, "{\"results\":[]}", "", 0);
    expect(arena, &protocol_palate,
           "{\"results\":[{\"item_id\":\"a\",\"score\":0.9,\"more\":1},{\"item_id\":7,\"score\":0.5}]}",
           "a:0.9 7:0.5", 0);
    expect(arena, &protocol_palate,
           "{\"status_code\":200,\"results\":[{\"recommendation_id\":12,\"score\":0.5,\"rank\":1},"
           "{\"recommendation_id\":13,\"item_id\":\"x\",\"score\":0.25,\"rank\":2}]}",
           "12:0.5 x:0.25", 0);
}

static void palate_orders_by_score(void **state)
{
    expect(*state, &protocol_palate,
           "{\"results\":[{\"item_id\":\"a\",\"score\":0.1},{\"item_id\":\"b\",\"score\":3},"
           "{\"item_id\":\"c\",\"score\":4},{\"item_id\":\"d\",\"score\":-1},{\"item_id\":\"e\",\"score\":0."
           "1}]}",
           "c:1 b:1 a:0.1 e:0.1 d:0", 0);
}

static void entries_without_id_or_finite_score_are_dropped(void **state)
{
    struct arena *arena = *state;
    expect(
        arena, &protocol_palate,
        "{\"results\":[{\"item_id\":\"a\",\"score\":NaN},{\"item_id\":\"b\",\"score\":Infinity},"
        "{\"item_id\":\"c\",\"score\":-Infinity},{\"item_id\":\"d\",\"score\":1e999},"
        "{\"item_id\":\"e\",\"score\":\"0.5\"},{\"item_id\":\"f\"},{\"item_id\":null,\"score\":1},"
        "{\"item_id\":\"\",\"score\":1},{\"item_id\":\"x\\u0001\",\"score\":1},{\"item_id\":1.5,\"score\":1},"
        "{\"item_id\":99999999999999999999,\"score\":1},null,[],\"g\",{\"item_id\":\"h\",\"score\":0.5}]}",
        "h:0.5", 14);
    const char *longest = repeat(arena, 'x', 128);
    expect(arena, &protocol_palate,
           arena_format(arena,
                        "{\"results\":[{\"item_id\":\"%s\",\"score\":1},{\"item_id\":\"%sy\",\"score\":1}]}",
                        longest, longest),
           arena_format(arena, "%s:1", longest), 1);
}

static void what_is_no_reply_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "<html>",
                                        "null",
                                        "[]",
                                        "{}",
                                        "{\"results\":null}",
                                        "{\"results\":{}}",
                                        "{\"results\":[]",
                                        "{\"results\":[]} and more",
                                        "{\"results\":[\"\\ud800\"]}",
                                        "{\"results\":[\"\xff\"]}"};
    struct remote_reply reply;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_string_equal(read_all(*state, &protocol_palate, wrong[i], &reply), "no reply");
        assert_true(*reply.detail);
    }
    assert_string_equal(read_all(*state, &protocol_gorse, "{}", &reply), "no reply");
    assert_string_equal(read_all(*state, &protocol_gorse, "[1", &reply), "no reply");
}

static void no_more_than_so_many_entries_are_read(void **state)
{
    struct arena *arena = *state;
    struct json_object *list = json_keep(arena, json_object_new_array());
    struct remote_reply reply = {0};
    for (int i = 0; i < LIMIT_REMOTE_ENTRIES + 5; i++)
        json_object_array_add(list, json_object_new_int(i));
    const char *text = json_text(list);
    assert_true(protocol_gorse.read(arena, text, strlen(text), &reply));
    assert_int_equal(reply.count, LIMIT_REMOTE_ENTRIES);
}

static void gorse_is_asked_for_a_user(void **state)
{
    struct arena *arena = *state;
    struct protocol_request request;
    struct remote_query query = query_of();
    query.user_id = "a/../b c\xc3\xa9?&";
    query.category = "R&B";
    protocol_gorse.compose(arena, "http://h:8087/", "secret", &query, &request);
    assert_string_equal(request.url,
                        "http://h:8087/api/recommend/a%2F%2E%2E%2Fb%20c%C3%A9%3F%26?n=7&category=R%26B");
    assert_null(request.body);
    assert_string_equal(request.headers[0], "X-API-Version: 2");
    assert_string_equal(request.headers[1], "X-API-Key: secret");
    query.category = repeat(arena, 'x', 2000);
    protocol_gorse.compose(arena, "http://h", "", &query, &request);
    assert_true(strlen(request.url) < LIMIT_REMOTE_URL_BYTES);
    assert_null(request.headers[1]);
}

static void gorse_is_told_a_history(void **state)
{
    struct arena *arena = *state;
    struct protocol_request request;
    struct remote_query query = query_of();
    query.quantity = 999;
    protocol_gorse.compose(arena, "http://h", "", &query, &request);
    assert_string_equal(request.url, "http://h/api/session/recommend?n=1000");
    assert_string_equal(request.body,
                        "[{\"FeedbackType\":\"view\",\"UserId\":\"\",\"ItemId\":\"a\",\"Timestamp\":"
                        "\"2023-11-14T22:13:20Z\"},{\"FeedbackType\":\"purchase\",\"UserId\":\"\",\"ItemId\":"
                        "\"b\",\"Timestamp\":\"2023-11-14T22:14:20Z\"}]");
}

static void gorse_answers_with_ids_or_scores(void **state)
{
    struct arena *arena = *state;
    expect(arena, &protocol_gorse, "[]", "", 0);
    expect(arena, &protocol_gorse, "[\"a\",\"b\",null]", "a:1 b:0.9524", 1);
    expect(arena, &protocol_gorse, "null", "",
           0); /* its answer to sessions while a list lacks its category */
    expect(arena, &protocol_gorse, " null\n", "", 0);
    /* Scores of fallbacks are sums, counts and times: the order is kept. */
    expect(arena, &protocol_gorse,
           "[{\"Id\":\"a\",\"Score\":0.9},{\"Id\":\"b\",\"Score\":37},{\"Id\":\"c\",\"Score\":1764500000}]",
           "a:1 b:0.9524 c:0.9091", 0);
    expect(arena, &protocol_gorse,
           "[{\"Id\":\"a\",\"Score\":0},{\"Id\":\"b\",\"Score\":3},{\"Id\":\"c\",\"Score\":-1e308},"
           "{\"Id\":\"d\",\"Score\":1e308},\"e\",{\"Id\":\"f\",\"Score\":NaN}]",
           "a:1 b:0.9524 c:0.9091 d:0.8696 e:0.8333 f:0.8", 0);
    expect(arena, &protocol_gorse, "[\"a\",{\"Id\":\"b\",\"Score\":1},{\"Score\":1},7.5]", "a:1 b:0.9524", 2);
    struct remote_query session = {0}, user = {.user_id = "u"};
    assert_true(protocol_gorse.is_empty(&session, 404));
    assert_false(protocol_gorse.is_empty(&session, 500));
    assert_false(protocol_gorse.is_empty(&user, 404));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(palate_says_everything),
        ARENA_TEST(palate_reads_both_shapes),
        ARENA_TEST(palate_orders_by_score),
        ARENA_TEST(entries_without_id_or_finite_score_are_dropped),
        ARENA_TEST(what_is_no_reply_is_refused),
        ARENA_TEST(no_more_than_so_many_entries_are_read),
        ARENA_TEST(gorse_is_asked_for_a_user),
        ARENA_TEST(gorse_is_told_a_history),
        ARENA_TEST(gorse_answers_with_ids_or_scores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
