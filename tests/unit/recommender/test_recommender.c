/* A query in words through a model and back: preferences, filters, groups and histories. What reads events
 * from the database is tested in tests/api. */
#include "fixture.h"

#include "recommender/recommender.h"

static const struct shop_item items[] = {
    {"toy-1", "{\"category\":\"toys\",\"price\":5}", "Ball"},
    {"toy-2", "{\"category\":\"Toys\",\"price\":10}", "Kite"},
    {"toy-3", "{\"category\":[\"games\",\"toys\"],\"price\":20}", "Puzzle"},
    {"book-1", "{\"category\":\"books\",\"price\":10}", "Novel"},
    {"book-2", "{\"category\":\"books\",\"price\":\"30\"}", "Atlas"},
    {"bare", "{}", "Unsorted"}};
/* bare is the most popular, then book-1, ...; toy-1 and book-1 are bought together. */
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

#define RECOMMENDER_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static struct recommendation_list recommend(struct world *world, struct recommendation_query query)
{
    struct recommendation_list list;
    struct error error = {0};
    query.tenant = &tenant;
    query.now = FIXTURE_NOW;
    query.quantity = query.quantity ? query.quantity : 10;
    if (!recommender_recommend(world->recommender, world->db, &query, world->arena, &list, &error))
        fail_msg("failed: %s", error.detail);
    for (size_t i = 0; i < list.item_count; i++) {
        assert_true(list.items[i].score >= 0 && list.items[i].score <= 1);
        assert_true(!i || list.items[i].score <= list.items[i - 1].score);
        assert_non_null(list.items[i].vector);
        assert_true(*list.items[i].source);
    }
    return list;
}

static const char *ids_of(struct world *world, const struct recommendation *list, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_format(world->arena, "%s%s%s", text, i ? " " : "", list[i].id);
    return text;
}

static const char *ids(struct world *world, struct recommendation_query query)
{
    struct recommendation_list list = recommend(world, query);
    return ids_of(world, list.items, list.item_count);
}

static void without_a_history_the_popular_come_first(void **state)
{
    struct recommendation_list list =
        recommend(*state, (struct recommendation_query){.strategy = ENGINE_POPULAR});
    assert_int_equal(list.item_count, COUNT(items));
    assert_string_equal(list.items[0].id, "bare");
    assert_string_equal(list.items[1].id, "book-1");
    assert_string_equal(list.items[1].metadata, items[3].metadata);
    assert_string_equal(list.recommender, "embedded");
    assert_int_equal(list.model_generation, 9);
    assert_false(list.has_history);
    assert_int_equal(list.group_count, 0);
}

static void quantity_cuts(void **state)
{
    assert_string_equal(ids(*state, (struct recommendation_query){.strategy = ENGINE_POPULAR, .quantity = 2}),
                        "bare book-1");
}

static void the_same_question_has_the_same_answer(void **state)
{
    struct history_item history[] = {{.item_id = "toy-1", .weight = 1}};
    struct recommendation_query query = {.history = history, .history_count = 1};
    const char *first = ids(*state, query);
    for (int i = 0; i < 5; i++)
        assert_string_equal(ids(*state, query), first);
}

/* Those that match in every point come first, however popular the others are. */
static void preferences_order_and_fill(void **state)
{
    const char *wanted[] = {"TOYS"};
    struct preferences toys = {.categories = wanted, .category_count = 1};
    struct recommendation_list list =
        recommend(*state, (struct recommendation_query){.strategy = ENGINE_POPULAR, .preferences = &toys});
    assert_int_equal(list.item_count, COUNT(items));
    for (size_t i = 0; i < COUNT(items); i++)
        assert_int_equal(strncmp(list.items[i].id, "toy", 3) == 0, i < 3);
    assert_true(list.items[3].score < list.items[2].score);
}

static void strict_preferences_are_filters(void **state)
{
    const char *wanted[] = {"toys", "nonsense"};
    struct preferences strict = {.categories = wanted, .category_count = 2, .strict = true};
    struct recommendation_query query = {.strategy = ENGINE_POPULAR, .preferences = &strict};
    assert_string_equal(ids(*state, query), "toy-1 toy-3 toy-2");
    strict.strict = false;
    struct context_settings context = {.strict = true};
    query.context = &context;
    assert_string_equal(ids(*state, query), "toy-1 toy-3 toy-2"); /* the context says it as well */
    wanted[0] = "nothing";
    assert_string_equal(ids(*state, query), "");
}

static void price_ranges_are_inclusive(void **state)
{
    struct preferences range = {
        .has_minimum = true, .minimum = 10, .has_maximum = true, .maximum = 20, .strict = true};
    struct recommendation_query query = {.strategy = ENGINE_POPULAR, .preferences = &range};
    assert_string_equal(ids(*state, query), "book-1 toy-3 toy-2");
    range.has_maximum = false;
    range.minimum = 20.01;
    assert_string_equal(ids(*state, query), "book-2"); /* a price in text is a price */
    range = (struct preferences){.has_maximum = true, .maximum = 5, .strict = true};
    assert_string_equal(ids(*state, query), "toy-1");
    range.maximum = 0;
    assert_string_equal(ids(*state, query), "");
}

static void preferences_of_nothing_change_nothing(void **state)
{
    struct preferences none = {.strict = true};
    struct recommendation_query query = {.strategy = ENGINE_POPULAR};
    const char *plain = ids(*state, query);
    query.preferences = &none;
    assert_string_equal(ids(*state, query), plain);
}

static void purchases_are_not_recommended_again(void **state)
{
    struct history_item history[] = {{.item_id = "toy-1", .weight = 1, .purchased = true},
                                     {.item_id = "bare", .weight = 0.3f},
                                     {.item_id = "unknown", .weight = 1, .purchased = true}};
    struct recommendation_list list =
        recommend(*state, (struct recommendation_query){.history = history, .history_count = COUNT(history)});
    const char *found = ids_of(*state, list.items, list.item_count);
    assert_true(list.has_history);
    assert_null(strstr(found, "toy-1"));
    assert_non_null(strstr(found, "bare"));
    assert_int_equal(list.item_count, COUNT(items) - 1);
    assert_string_equal(list.items[0].id, "book-1"); /* bought with it */
}

static void unknown_items_are_no_history(void **state)
{
    struct history_item history[] = {{.item_id = "unknown", .weight = 1}, {.item_id = "", .weight = 1}};
    struct recommendation_query query = {.history = history, .history_count = COUNT(history)};
    assert_false(recommend(*state, query).has_history);
    const char *found = ids(*state, query);
    assert_string_equal(found, ids(*state, (struct recommendation_query){.strategy = ENGINE_TRENDING}));
}

static void the_last_known_item_is_the_seed_of_similar(void **state)
{
    struct history_item history[] = {{.item_id = "book-2", .weight = 1},
                                     {.item_id = "toy-1", .weight = 0.001f},
                                     {.item_id = "unknown", .weight = 1}};
    struct recommendation_list list = recommend(
        *state, (struct recommendation_query){
                    .strategy = ENGINE_SIMILAR, .history = history, .history_count = COUNT(history)});
    const char *found = ids_of(*state, list.items, list.item_count);
    assert_null(strstr(found, "toy-1"));
    assert_non_null(strstr(found, "book-2"));
    assert_string_equal(list.items[0].id, "book-1");
}

static void context_filters_are_exact(void **state)
{
    struct filter_value books = {.text = "books", .number = NAN};
    struct filter_condition condition = {
        .column = "metadata.category", .operator= FILTER_EQUAL, .values = &books, .value_count = 1};
    struct context_settings context = {.filters = &condition, .filter_count = 1};
    struct recommendation_query query = {.strategy = ENGINE_POPULAR, .context = &context};
    assert_string_equal(ids(*state, query), "book-1 book-2");
    query.quantity = 1;
    assert_string_equal(ids(*state, query), "book-1");
}

static void groups_replace_the_list(void **state)
{
    struct world *world = *state;
    struct context_settings context = {.group_by = {"category"}, .group_count = 1, .group_items = 2};
    struct recommendation_list list =
        recommend(world, (struct recommendation_query){.strategy = ENGINE_POPULAR, .context = &context});
    assert_int_equal(list.item_count, 0);
    assert_int_equal(list.group_count, 4);
    static const char *const keys[] = {"(none)", "books", "toys", "games"};
    static const char *const members[] = {"bare", "book-1 book-2", "toy-1 toy-2", "toy-3"};
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_string_equal(list.groups[i].key, keys[i]);
        assert_string_equal(ids_of(world, list.groups[i].items, list.groups[i].item_count), members[i]);
    }
    list = recommend(
        world, (struct recommendation_query){.strategy = ENGINE_POPULAR, .context = &context, .quantity = 2});
    assert_int_equal(list.group_count, 2);
}

static void a_users_events_need_the_database(void **state)
{
    struct world *world = *state;
    struct recommendation_query query = {.tenant = &tenant,
                                         .entity = {ENTITY_USER, "u1", false},
                                         .uses_events = true,
                                         .quantity = 10,
                                         .now = FIXTURE_NOW};
    struct recommendation_list list;
    struct error error = {0};
    assert_false(recommender_recommend(world->recommender, world->db, &query, world->arena, &list, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
}

static void descriptions_come_from_the_catalogue(void **state)
{
    struct world *world = *state;
    struct error error = {0};
    const char *name, *description;
    assert_true(recommender_describe(world->recommender, world->db, &tenant, "toy-1", world->arena, &name,
                                     &description, &error));
    assert_string_equal(name, "Ball");
    assert_string_equal(description, "");
    assert_true(recommender_describe(world->recommender, world->db, &tenant, "unknown", world->arena, &name,
                                     &description, &error));
    assert_string_equal(name, "");
    struct tenant stranger = {.id = 2, .key = "other", .catalogue_revision = 1};
    assert_false(recommender_describe(world->recommender, world->db, &stranger, "toy-1", world->arena, &name,
                                      &description, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECOMMENDER_TEST(without_a_history_the_popular_come_first),
        RECOMMENDER_TEST(quantity_cuts),
        RECOMMENDER_TEST(the_same_question_has_the_same_answer),
        RECOMMENDER_TEST(preferences_order_and_fill),
        RECOMMENDER_TEST(strict_preferences_are_filters),
        RECOMMENDER_TEST(price_ranges_are_inclusive),
        RECOMMENDER_TEST(preferences_of_nothing_change_nothing),
        RECOMMENDER_TEST(purchases_are_not_recommended_again),
        RECOMMENDER_TEST(unknown_items_are_no_history),
        RECOMMENDER_TEST(the_last_known_item_is_the_seed_of_similar),
        RECOMMENDER_TEST(context_filters_are_exact),
        RECOMMENDER_TEST(groups_replace_the_list),
        RECOMMENDER_TEST(a_users_events_need_the_database),
        RECOMMENDER_TEST(descriptions_come_from_the_catalogue),
    };
    return cmocka_run_group_tests_name("recommender/recommender", tests, NULL, NULL);
}
