/* Kept lists: there and back as text, damaged ones, and keys that differ exactly where the question does. */
#include "../../base/fixture.h"

#include "api/recommend/ranked_pages.h"

static void lists_survive_as_text(void **state)
{
    struct recommendation items[] = {{.id = "a\"b", .score = 0.75, .source = "model"},
                                     {.id = "c", .score = 0.123457, .source = "fill"}};
    struct recommendation_list list = {.items = items,
                                       .item_count = 2,
                                       .recommender = "embedded",
                                       .model_generation = 7,
                                       .has_history = true,
                                       .trace.history = 3},
                               read;
    assert_true(ranked_pages_read(*state, ranked_pages_write(*state, &list), &read));
    assert_int_equal(read.item_count, 2);
    assert_string_equal(read.items[0].id, "a\"b");
    assert_string_equal(read.items[1].source, "fill");
    assert_true(read.items[0].score == 0.75 && read.items[1].score == 0.123457);
    assert_string_equal(read.recommender, "embedded");
    assert_int_equal(read.model_generation, 7);
    assert_int_equal(read.trace.history, 3);
    assert_true(read.has_history);
    assert_int_equal(read.group_count, 0);
}

static void groups_survive_too(void **state)
{
    struct recommendation items[] = {{.id = "a", .score = 0.5, .source = "model"}};
    struct recommendation_group groups[] = {{.key = "toys | Acme", .items = items, .item_count = 1}};
    struct recommendation_list list = {.groups = groups, .group_count = 1, .recommender = "embedded"}, read;
    assert_true(ranked_pages_read(*state, ranked_pages_write(*state, &list), &read));
    assert_int_equal(read.group_count, 1);
    assert_string_equal(read.groups[0].key, "toys | Acme");
    assert_string_equal(read.groups[0].items[0].id, "a");
}

static void damage_is_noticed(void **state)
{
    static const char *const bad[] = {"",
                                      "7",
                                      "[]",
                                      "{}",
                                      "{\"recommender\":\"x\"}",
                                      "{\"recommender\":\"x\",\"items\":[[\"a\",1]],\"groups\":[]}",
                                      "{\"recommender\":\"x\",\"items\":[],\"groups\":[{}]}",
                                      "{\"recommender\":\"x\",\"items\":[null],\"groups\":[]}",
                                      "{\"recommender\":\"x\",\"items\":[[null,1,\"s\"]],\"groups\":[]}"};
    struct recommendation_list read;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(ranked_pages_read(*state, bad[i], &read));
}

static void keys_differ_where_questions_do(void **state)
{
    (void)state;
    unsigned char one[RANKED_LIST_KEY_BYTES], same[RANKED_LIST_KEY_BYTES], other[RANKED_LIST_KEY_BYTES];
    ranked_pages_key("{\"user\":\"a\",\"context\":1}", one);
    ranked_pages_key("{\"user\":\"a\",\"context\":1}", same);
    ranked_pages_key("{\"user\":\"a\",\"context\":2}", other);
    assert_memory_equal(one, same, sizeof(one));
    assert_memory_not_equal(one, other, sizeof(one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(lists_survive_as_text),
        ARENA_TEST(groups_survive_too),
        ARENA_TEST(damage_is_noticed),
        ARENA_TEST(keys_differ_where_questions_do),
    };
    return cmocka_run_group_tests_name("api/ranked_pages", tests, NULL, NULL);
}
