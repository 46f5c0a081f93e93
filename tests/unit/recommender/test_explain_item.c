/* Explanations say of each item what the list says: rank, score, and why it is not there. Items that are
 * unknown or switched off need a database and are tested in tests/api. */
#include "fixture.h"

#include "recommender/explain_item.h"
#include "recommender/filter_parse.h"
#include "recommender/recommender.h"

static const struct shop_item items[] = {{"toy-1", "{\"category\":\"toys\",\"price\":5}", "Ball"},
                                         {"toy-2", "{\"category\":\"toys\",\"price\":10}", "Kite"},
                                         {"toy-3", "{\"category\":\"toys\",\"price\":20}", "Puzzle"},
                                         {"book-1", "{\"category\":\"books\",\"price\":10}", "Novel"},
                                         {"book-2", "{\"category\":\"books\",\"price\":30}", "Atlas"},
                                         {"bare", "{}", "Unsorted"}};
static const struct shop_event events[] = {
    {"u1", "bare"},   {"u2", "bare"},   {"u3", "bare"},  {"u4", "bare"},  {"u1", "book-1"},
    {"u2", "book-1"}, {"u3", "book-1"}, {"u1", "toy-1"}, {"u2", "toy-1"}, {"u4", "toy-3"}};

static const struct tenant tenant = {.id = 1, .key = "shop", .catalogue_revision = 42};

struct world {
    struct arena *arena;
    const char *folder;
    struct database *db;
    struct recommender *recommender;
};

static int setup(void **state)
{
    static struct world world;
    static struct config config;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    config = *config_of_nothing();
    config.model_directory = arena_copy_text(world.arena, world.folder);
    model_write(world.arena, arena_format(world.arena, "%s/tenant-1.palate", world.folder), 9, 42, items,
                COUNT(items), events, COUNT(events));
    world.db = database_create(&config);
    world.recommender = recommender_create(&config);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"tenant-1.palate"};
    struct world *world = *state;
    recommender_destroy(world->recommender);
    database_destroy(world->db);
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define EXPLAIN_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static struct recommendation_query query_of(size_t quantity)
{
    static const struct history_item history[] = {{.item_id = "book-1", .weight = 1}};
    return (struct recommendation_query){.tenant = &tenant,
                                         .history = history,
                                         .history_count = COUNT(history),
                                         .quantity = quantity,
                                         .now = FIXTURE_NOW};
}

static struct item_explanation explain(struct world *world, struct recommendation_query query, const char *id)
{
    struct item_explanation explanation;
    struct error error = {0};
    if (!recommender_explain(world->recommender, world->db, &query, id, world->arena, &explanation, &error))
        fail_msg("%s: %s", id, error.detail);
    assert_int_equal(explanation.appears, explanation.rank > 0);
    assert_int_equal(explanation.appears, explanation.reason_count == 0);
    return explanation;
}

static void it_says_what_the_list_says(void **state)
{
    struct world *world = *state;
    struct recommendation_query query = query_of(4);
    struct recommendation_list list;
    struct error error = {0};
    query.explain = true;
    assert_true(recommender_recommend(world->recommender, world->db, &query, world->arena, &list, &error));
    assert_int_equal(list.item_count, 4);
    for (size_t i = 0; i < list.item_count; i++) {
        struct item_explanation explanation = explain(world, query, list.items[i].id);
        assert_int_equal(explanation.rank, i + 1);
        assert_int_equal(explanation.list_rank, i + 1);
        assert_int_equal(explanation.list_length, COUNT(items));
        assert_true(explanation.score == list.items[i].score);
        assert_true(list.items[i].has_parts && explanation.raw == list.items[i].raw);
        assert_string_equal(explanation.source, list.items[i].source);
        assert_true(explanation.page_lowest == list.items[3].score);
        assert_true(explanation.part_count >= 1);
    }
}

static void what_is_below_the_page_has_its_rank(void **state)
{
    struct item_explanation explanation = explain(*state, query_of(1), "toy-2");
    assert_false(explanation.appears);
    assert_int_equal(explanation.reasons[0].absence, ABSENCE_BELOW);
    assert_true(explanation.list_rank > 1 && explanation.has_score);
    assert_true(explanation.score <= explanation.page_lowest);
}

static void every_condition_that_fails_is_named(void **state)
{
    struct world *world = *state;
    struct error error = {0};
    struct filter_parser parser = {.arena = world->arena, .error = &error, .code = ERROR_INVALID_FILTER};
    struct filter_list list = {0};
    static const char *const texts[] = {"category:toys", "price>15", "price<100", "OR:category:books",
                                        "price<20"};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_true(filter_parse_shorthand(&parser, texts[i], "filter", &list));
    struct recommendation_query query = query_of(10);
    query.filters = list.conditions;
    query.filter_count = list.count;
    assert_true(explain(world, query, "toy-3").appears);  /* by the first part */
    assert_true(explain(world, query, "book-1").appears); /* by the second */
    struct item_explanation explanation = explain(world, query, "book-2");
    assert_int_equal(explanation.reason_count, 2);
    assert_ptr_equal(explanation.reasons[0].condition, &list.conditions[0]);
    assert_ptr_equal(explanation.reasons[1].condition, &list.conditions[4]);
    assert_string_equal(explanation.reasons[0].source, "request");
    assert_true(explanation.has_score); /* what it would have had */
    assert_int_equal(explanation.list_rank, 0);
}

static void exclusions_and_seeds_are_told_apart(void **state)
{
    struct recommendation_query query = query_of(10);
    static const char *const exclude[] = {"toy-1", "no-such-item"};
    query.exclude = exclude;
    query.exclude_count = COUNT(exclude);
    struct item_explanation explanation = explain(*state, query, "toy-1");
    assert_int_equal(explanation.reason_count, 1);
    assert_int_equal(explanation.reasons[0].absence, ABSENCE_UNWANTED);
    static const struct history_item bought[] = {{.item_id = "book-1", .weight = 1, .purchased = true}};
    query.history = bought;
    assert_int_equal(explain(*state, query, "book-1").reasons[0].absence, ABSENCE_PURCHASED);
    query = query_of(10);
    query.strategy = ENGINE_SIMILAR;
    assert_int_equal(explain(*state, query, "book-1").reasons[0].absence, ABSENCE_SEED);
}

static void groups_have_room_for_some(void **state)
{
    struct context_settings context = {.group_by = {"category"}, .group_count = 1, .group_items = 1};
    struct recommendation_query query = query_of(10);
    query.context = &context;
    size_t shown = 0;
    for (size_t i = 0; i < COUNT(items); i++)
        shown += explain(*state, query, items[i].id).appears;
    assert_int_equal(shown, 3); /* toys, books and (none) */
}

static void names_are_stable(void **state)
{
    (void)state;
    assert_string_equal(absence_name(ABSENCE_FILTERED), "filtered");
    assert_string_equal(absence_name(ABSENCE_BELOW), "below_page");
    assert_string_equal(absence_name(ABSENCE__MAX), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXPLAIN_TEST(it_says_what_the_list_says),          EXPLAIN_TEST(what_is_below_the_page_has_its_rank),
        EXPLAIN_TEST(every_condition_that_fails_is_named), EXPLAIN_TEST(exclusions_and_seeds_are_told_apart),
        EXPLAIN_TEST(groups_have_room_for_some),           cmocka_unit_test(names_are_stable),
    };
    return cmocka_run_group_tests_name("recommender/explain_item", tests, NULL, NULL);
}
