/* sequence_data: each field at its limit and above it, what errors are called, and how histories weigh. */
#include "../../base/fixture.h"

#include "api/recommend/sequence_data.h"

static struct sequence_data read_good(struct arena *arena, const char *json)
{
    struct sequence_data data = {0};
    struct error error = {0};
    if (!sequence_data_read(arena, json_of(arena, json), &data, &error))
        fail_msg("refused: %s: %s", json, error.message);
    assert_int_equal(error.code, ERROR_NONE);
    return data;
}

/* field: that of the first problem. */
static void check_bad(struct arena *arena, const char *json, const char *field, const char *says)
{
    struct sequence_data data = {0};
    struct error error = {0};
    if (sequence_data_read(arena, json_of(arena, json), &data, &error))
        fail_msg("taken: %.200s", json);
    assert_int_equal(error.code, ERROR_VALIDATION);
    assert_true(error.problem_count > 0);
    assert_string_equal(error.problems[0].field, field);
    if (!strstr(error.problems[0].problem, says))
        fail_msg("\"%s\" does not say \"%s\"", error.problems[0].problem, says);
}

#define HISTORY     "sequence_data.browsing_history"
#define PURCHASES   "sequence_data.purchase_history"
#define PREFERENCES "sequence_data.customer_preferences"

static void it_must_be_an_object(void **state)
{
    struct sequence_data data = {0};
    struct error error = {0};
    assert_false(sequence_data_read(*state, NULL, &data, &error));
    assert_string_equal(error.problems[0].field, "sequence_data");
    assert_string_equal(error.problems[0].problem, "is missing");
    check_bad(*state, "[]", "sequence_data", "must be an object");
    check_bad(*state, "\"{}\"", "sequence_data", "must be an object");
    check_bad(*state, "7", "sequence_data", "must be an object");
}

static void empty_is_fine(void **state)
{
    static const char *const good[] = {
        "{}",
        "{\"browsing_history\":[],\"purchase_history\":[]}",
        "{\"browsing_history\":null,\"purchase_history\":null,\"customer_preferences\":null}",
        "{\"customer_preferences\":{}}",
        "{\"customer_preferences\":{\"categories\":[],\"price_range\":{}}}",
        "{\"customer_preferences\":{\"price_range\":{\"min\":null,\"max\":null}}}",
        "{\"something_else\":[1,2]}"};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct sequence_data data = read_good(*state, good[i]);
        size_t count = 99;
        assert_int_equal(data.browsing_count + data.purchase_count + data.preferences.category_count, 0);
        assert_false(data.preferences.has_minimum || data.preferences.has_maximum || data.preferences.strict);
        assert_non_null(sequence_data_history(*state, &data, &count));
        assert_int_equal(count, 0);
    }
}

static void the_documents_example(void **state)
{
    struct sequence_data data = read_good(
        *state,
        "{\"customer_preferences\":{\"categories\":[\"electronics\",\"gaming\"],\"price_range\":{\"min\":100,"
        "\"max\":1000}},"
        "\"browsing_history\":[\"item1\",\"item2\",\"item3\"],\"purchase_history\":[\"item4\",\"item5\"]}");
    assert_int_equal(data.preferences.category_count, 2);
    assert_string_equal(data.preferences.categories[1], "gaming");
    assert_true(data.preferences.has_minimum && data.preferences.minimum == 100);
    assert_true(data.preferences.has_maximum && data.preferences.maximum == 1000);
    assert_int_equal(data.browsing_count, 3);
    assert_string_equal(data.browsing[2], "item3");
    assert_int_equal(data.purchase_count, 2);
    assert_string_equal(data.purchases[0], "item4");
}

static void ids_are_text_or_whole_numbers(void **state)
{
    struct arena *arena = *state;
    struct sequence_data data =
        read_good(arena, "{\"browsing_history\":[7,\"7\",-3,\"it's; DROP\",9007199254740993]}");
    assert_string_equal(data.browsing[0], "7");
    assert_string_equal(data.browsing[2], "-3");
    assert_string_equal(data.browsing[4], "9007199254740993");
    check_bad(arena, "{\"browsing_history\":[\"a\",1.5]}", HISTORY "[1]", "text or a whole number");
    check_bad(arena, "{\"purchase_history\":[null]}", PURCHASES "[0]", "text or a whole number");
    check_bad(arena, "{\"purchase_history\":[true]}", PURCHASES "[0]", "text or a whole number");
    check_bad(arena, "{\"browsing_history\":[{\"id\":1}]}", HISTORY "[0]", "text or a whole number");
    check_bad(arena, "{\"browsing_history\":[\"\"]}", HISTORY "[0]", "must not be empty");
    check_bad(arena, "{\"browsing_history\":[\"a\\nb\"]}", HISTORY "[0]", "control");
    read_good(arena, arena_format(arena, "{\"browsing_history\":[\"%s\"]}",
                                  repeat(arena, 'x', LIMIT_ID_CHARACTERS)));
    check_bad(
        arena,
        arena_format(arena, "{\"browsing_history\":[\"%s\"]}", repeat(arena, 'x', LIMIT_ID_CHARACTERS + 1)),
        HISTORY "[0]", "at most 128 characters");
}

static void histories_are_lists(void **state)
{
    static const char *const bad[] = {"\"item1\"", "{}", "7", "false", "\"\""};
    for (size_t i = 0; i < COUNT(bad); i++) {
        check_bad(*state, arena_format(*state, "{\"browsing_history\":%s}", bad[i]), HISTORY,
                  "must be a list");
        check_bad(*state, arena_format(*state, "{\"purchase_history\":%s}", bad[i]), PURCHASES,
                  "must be a list");
    }
}

static const char *list_of(struct arena *arena, const char *entry, size_t count)
{
    size_t step = strlen(entry) + 1;
    char *text = arena_alloc(arena, count * step + 3, 1);
    text[0] = '[';
    for (size_t i = 0; i < count; i++) {
        memcpy(text + 1 + i * step, entry, step - 1);
        text[(i + 1) * step] = ',';
    }
    text[count * step] = ']';
    return text;
}

static void histories_have_at_most_1000_ids(void **state)
{
    struct arena *arena = *state;
    const char *most = list_of(arena, "\"x\"", LIMIT_HISTORY_IDS),
               *more = list_of(arena, "\"x\"", LIMIT_HISTORY_IDS + 1);
    struct sequence_data data = read_good(
        arena, arena_format(arena, "{\"browsing_history\":%s,\"purchase_history\":%s}", most, most));
    assert_int_equal(data.browsing_count, LIMIT_HISTORY_IDS);
    assert_int_equal(data.purchase_count, LIMIT_HISTORY_IDS);
    check_bad(arena, arena_format(arena, "{\"browsing_history\":%s}", more), HISTORY, "at most 1000 ids");
    check_bad(arena, arena_format(arena, "{\"purchase_history\":%s}", more), PURCHASES, "at most 1000 ids");
}

static void categories(void **state)
{
    struct arena *arena = *state;
    struct sequence_data data = read_good(arena, "{\"customer_preferences\":{\"categories\":\"toys\"}}");
    assert_int_equal(data.preferences.category_count, 1);
    assert_string_equal(data.preferences.categories[0], "toys");
    const char *form = "{\"customer_preferences\":{\"categories\":%s}}";
    data = read_good(arena, arena_format(arena, form, list_of(arena, "\"c\"", LIMIT_PREFERENCE_CATEGORIES)));
    assert_int_equal(data.preferences.category_count, LIMIT_PREFERENCE_CATEGORIES);
    check_bad(arena, arena_format(arena, form, list_of(arena, "\"c\"", LIMIT_PREFERENCE_CATEGORIES + 1)),
              PREFERENCES ".categories", "at most 100");
    check_bad(arena, arena_format(arena, form, "[\"a\",7]"), PREFERENCES ".categories[1]", "must be text");
    check_bad(arena, arena_format(arena, form, "[null]"), PREFERENCES ".categories[0]", "must be text");
    check_bad(arena, arena_format(arena, form, "[\"\"]"), PREFERENCES ".categories[0]", "must not be empty");
    check_bad(arena, arena_format(arena, form, "\"\""), PREFERENCES ".categories", "must not be empty");
    check_bad(arena, arena_format(arena, form, "7"), PREFERENCES ".categories", "must be a list");
    check_bad(arena, arena_format(arena, form, "{}"), PREFERENCES ".categories", "must be a list");
}

static void price_ranges(void **state)
{
    struct arena *arena = *state;
    const char *form = "{\"customer_preferences\":{\"price_range\":%s}}";
    struct sequence_data data = read_good(arena, arena_format(arena, form, "{\"min\":\"5.5\"}"));
    assert_true(data.preferences.has_minimum && data.preferences.minimum == 5.5);
    assert_false(data.preferences.has_maximum);
    data = read_good(arena, arena_format(arena, form, "{\"min\":10,\"max\":10.0}"));
    assert_true(data.preferences.has_minimum && data.preferences.has_maximum);
    data = read_good(arena, arena_format(arena, form, "{\"max\":0}"));
    assert_true(data.preferences.has_maximum && data.preferences.maximum == 0);
    check_bad(arena, arena_format(arena, form, "{\"min\":10.01,\"max\":10}"), PREFERENCES ".price_range",
              "min above its max");
    check_bad(arena, arena_format(arena, form, "{\"min\":-1}"), PREFERENCES ".price_range.min", "at least 0");
    check_bad(arena, arena_format(arena, form, "{\"max\":\"cheap\"}"), PREFERENCES ".price_range.max",
              "at least 0");
    check_bad(arena, arena_format(arena, form, "{\"max\":[1]}"), PREFERENCES ".price_range.max",
              "at least 0");
    check_bad(arena, arena_format(arena, form, "[1,2]"), PREFERENCES ".price_range", "must be an object");
    check_bad(arena, arena_format(arena, form, "\"1-2\""), PREFERENCES ".price_range", "must be an object");
}

static void strictness(void **state)
{
    struct arena *arena = *state;
    assert_true(read_good(arena, "{\"customer_preferences\":{\"strict\":true}}").preferences.strict);
    assert_false(read_good(arena, "{\"customer_preferences\":{\"strict\":\"false\"}}").preferences.strict);
    check_bad(arena, "{\"customer_preferences\":{\"strict\":1}}", PREFERENCES ".strict", "true or false");
    check_bad(arena, "{\"customer_preferences\":[[]]}", PREFERENCES, "must be an object");
    check_bad(arena, "{\"customer_preferences\":\"cheap\"}", PREFERENCES, "must be an object");
}

static void all_problems_are_told_up_to_the_limit(void **state)
{
    struct arena *arena = *state;
    struct sequence_data data = {0};
    struct error error = {0};
    struct json_object *json =
        json_of(arena, "{\"customer_preferences\":{\"categories\":7,\"price_range\":7,\"strict\":7},"
                       "\"browsing_history\":7,\"purchase_history\":[1.5,\"fine\",2.5]}");
    assert_false(sequence_data_read(arena, json, &data, &error));
    assert_int_equal(error.problem_count, 6);
    assert_string_equal(error.problems[5].field, PURCHASES "[2]");
    json = json_of(arena, arena_format(arena, "{\"browsing_history\":%s,\"purchase_history\":[1.5]}",
                                       list_of(arena, "null", 1000)));
    error = (struct error){0};
    assert_false(sequence_data_read(arena, json, &data, &error));
    assert_int_equal(error.problem_count, LIMIT_PROBLEMS);
}

static void histories_are_one_with_the_last_view_last(void **state)
{
    struct sequence_data data = read_good(
        *state, "{\"browsing_history\":[\"v1\",\"v2\"],\"purchase_history\":[\"p1\",\"p2\",\"p3\"]}");
    size_t count;
    struct history_item *history = sequence_data_history(*state, &data, &count);
    static const char *const order[] = {"p1", "p2", "p3", "v1", "v2"};
    assert_int_equal(count, COUNT(order));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(history[i].item_id, order[i]);
        assert_int_equal(history[i].purchased, order[i][0] == 'p');
    }
    data = read_good(*state, "{\"purchase_history\":[\"p1\",\"p2\"]}");
    history = sequence_data_history(*state, &data, &count);
    assert_string_equal(history[count - 1].item_id, "p2");
}

static void later_entries_weigh_more(void **state)
{
    struct arena *arena = *state;
    const char *most = list_of(arena, "\"x\"", LIMIT_HISTORY_IDS);
    struct sequence_data data = read_good(
        arena, arena_format(arena, "{\"browsing_history\":%s,\"purchase_history\":%s}", most, most));
    size_t count;
    struct history_item *history = sequence_data_history(arena, &data, &count);
    assert_int_equal(count, 2 * LIMIT_HISTORY_IDS);
    for (size_t i = 0; i < count; i++) {
        assert_true(isfinite(history[i].weight) && history[i].weight > 0);
        if (i != LIMIT_HISTORY_IDS && i > 0)
            assert_true(history[i].weight > history[i - 1].weight);
    }
}

static void purchases_weigh_more_than_views(void **state)
{
    struct sequence_data data =
        read_good(*state, "{\"browsing_history\":[1,2,3,4,5],\"purchase_history\":[1,2,3,4,5]}");
    size_t count;
    struct history_item *history = sequence_data_history(*state, &data, &count);
    for (size_t i = 0; i < 5; i++)
        assert_true(history[i].weight > history[5 + i].weight);
    assert_true(history[4].weight == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(it_must_be_an_object),
        ARENA_TEST(empty_is_fine),
        ARENA_TEST(the_documents_example),
        ARENA_TEST(ids_are_text_or_whole_numbers),
        ARENA_TEST(histories_are_lists),
        ARENA_TEST(histories_have_at_most_1000_ids),
        ARENA_TEST(categories),
        ARENA_TEST(price_ranges),
        ARENA_TEST(strictness),
        ARENA_TEST(all_problems_are_told_up_to_the_limit),
        ARENA_TEST(histories_are_one_with_the_last_view_last),
        ARENA_TEST(later_entries_weigh_more),
        ARENA_TEST(purchases_weigh_more_than_views),
    };
    return cmocka_run_group_tests_name("api/sequence_data", tests, NULL, NULL);
}
