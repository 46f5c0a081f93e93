/* What the log keeps of a request: known parameters as they are, nothing named like a secret, and never more
 * than LIMIT_LOGGED_BYTES, of lists what is newest. */
#include "../../base/fixture.h"

#include "api/recommend/logged_input.h"
#include "base/limits.h"

static void check(struct arena *arena, const char *given, const char *kept)
{
    assert_string_equal(logged_input_write(arena, json_of(arena, given)), kept);
}

static void known_parameters_are_kept_as_they_are(void **state)
{
    static const char *const whole[] = {
        "{}",
        "{\"user_id\":\"u\",\"quantity\":\"7\",\"limit\":7,\"explain\":true}",
        "{\"filter\":[\"price<=10\",\"OR:brand:A/B\"],\"exclude\":[\"a\",7],\"window_days\":1.5}",
        "{\"scope\":{\"filters\":[{\"column\":\"size\",\"operator\":\"IN\",\"value\":[1,\"b\"],\"logic\":"
        "\"OR\"}]},"
        "\"exclude_viewed\":{\"value\":7,\"unit\":\"days\"}}",
        "{\"sequence_data\":{\"customer_preferences\":{\"categories\":[\"a\"],\"price_range\":{\"min\":2,"
        "\"max\":"
        "10},\"strict\":false},\"browsing_history\":[\"1\"],\"purchase_history\":[\"2\",3]},\"task\":\"t\"}",
    };
    for (size_t i = 0; i < COUNT(whole); i++)
        check(*state, whole[i], whole[i]);
}

static void what_nobody_reads_is_left_out(void **state)
{
    check(*state,
          "{\"user_id\":\"u\",\"access_token\":\"x\",\"made_up\":{\"user_id\":\"v\"},\"truncated\":1}",
          "{\"user_id\":\"u\"}");
    check(*state,
          "{\"sequence_data\":{\"password\":\"x\",\"browsing_history\":[{\"token\":1},\"a\",null,[\"b\"]],"
          "\"customer_preferences\":{\"made_up\":1,\"strict\":true}}}",
          "{\"sequence_data\":{\"browsing_history\":[{},\"a\",[\"b\"]],\"customer_preferences\":{\"strict\":"
          "true}}"
          "}");
    check(*state, "{\"user_id\":null,\"limit\":1}", "{\"limit\":1}");
}

static void conditions_on_secrets_lose_their_values(void **state)
{
    check(*state,
          "{\"filters\":[{\"column\":\"metadata.api-Key\",\"operator\":\"=\",\"value\":\"x\"},\"token=x\","
          "\"OR:Pass_Word:x\",\"color=red\"],\"scope\":\"{\\\"filters\\\":[{\\\"column\\\":\\\"secret\\\"}]}"
          "\"}",
          "{\"filters\":[{\"column\":\"metadata.api-Key\",\"operator\":\"=\"},null,null,\"color=red\"],"
          "\"scope\":"
          "null}");
    check(*state, "{\"query\":\"secret garden\",\"name\":\"token\"}",
          "{\"query\":\"secret garden\",\"name\":\"token\"}");
}

/* A history of ids "item-0" and so on. */
static char *history(struct arena *arena, size_t count)
{
    const size_t size = count * 16 + 100;
    char *text = arena_alloc(arena, size, 1);
    size_t used =
        (size_t)snprintf(text, size, "{\"user_id\":\"u\",\"sequence_data\":{\"browsing_history\":[");
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\"item-%zu\"", i ? "," : "", i);
    snprintf(text + used, size - used, "],\"purchase_history\":[\"p\"]}}");
    return text;
}

static void a_long_history_keeps_its_newest(void **state)
{
    const char *text = logged_input_write(*state, json_of(*state, history(*state, 1000)));
    size_t length = strlen(text);
    assert_in_range(length, LIMIT_LOGGED_BYTES / 3, LIMIT_LOGGED_BYTES);
    static const char end[] = "\"item-998\",\"item-999\"],\"purchase_history\":[\"p\"]},\"truncated\":true}";
    assert_string_equal(text + length - strlen(end), end);
    assert_null(strstr(text, "\"item-0\""));
    assert_non_null(strstr(text, "\"item-600\""));
    assert_non_null(strstr(text, "\"user_id\":\"u\""));
    json_of(*state, text);
    assert_null(strstr(logged_input_write(*state, json_of(*state, history(*state, 500))), "truncated"));
}

/* Ids stay whole as long as there is anything else to cut; characters are not cut in two. */
static void texts_are_cut_last(void **state)
{
    struct arena *arena = *state;
    const char *id = repeat(arena, 'u', 512);
    struct json_object *json = json_of(arena, arena_format(arena, "{\"user_id\":\"%s\"}", id));
    char *long_text = arena_alloc(arena, 30001, 1);
    for (size_t i = 0; i < 30000; i += 2)
        memcpy(long_text + i, "\xc3\xa9", 2);
    json_add_text(json, "description", arena_format(arena, "x%s", long_text));
    json_object *kept = json_of(arena, logged_input_write(arena, json));
    assert_string_equal(json_object_get_string(json_member(kept, "user_id")), id);
    assert_in_range(strlen(json_object_get_string(json_member(kept, "description"))), 1000, 4096);
    assert_true(json_object_get_boolean(json_member(kept, "truncated")));
}

/* All that a body may hold: every known name with a long text that doubles when it is written, a number of
 * ten thousand digits, a list of lists. */
static void whatever_comes_it_fits(void **state)
{
    static const char *const names[] = {"task",        "template",   "userId",    "user_id", "anonymous_id",
                                        "name",        "cursor",     "surface",   "sdk",     "query",
                                        "description", "platform",   "mode",      "exclude", "filter",
                                        "scope",       "session_id", "request_id"};
    struct arena *arena = *state;
    struct json_object *json = json_of(arena, "{}");
    for (size_t i = 0; i < COUNT(names); i++)
        json_add_text(json, names[i], repeat(arena, '\x01', 6000));
    json_add(json, "window_days",
             json_object_get(json_of(arena, arena_format(arena, "1.%s", repeat(arena, '3', 10000)))));
    char *lists = repeat(arena, '[', 60);
    memset(lists + 30, ']', 30);
    json_add(json, "filters", json_object_get(json_of(arena, lists)));
    const char *text = logged_input_write(arena, json);
    assert_true(strlen(text) <= LIMIT_LOGGED_BYTES);
    assert_true(json_object_get_boolean(json_member(json_of(arena, text), "truncated")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(known_parameters_are_kept_as_they_are),
        ARENA_TEST(what_nobody_reads_is_left_out),
        ARENA_TEST(conditions_on_secrets_lose_their_values),
        ARENA_TEST(a_long_history_keeps_its_newest),
        ARENA_TEST(texts_are_cut_last),
        ARENA_TEST(whatever_comes_it_fits),
    };
    return cmocka_run_group_tests_name("api/logged_input", tests, NULL, NULL);
}
