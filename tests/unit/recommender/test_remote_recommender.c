/* Which items of a foreign list are shown, in which order, and what fills it up. Asking is tested in
 * tests/api. */
#include "fixture.h"

#include "recommender/remote_recommender.h"

static const struct shop_item items[] = {
    {"a", "{\"category\":\"toys\"}", NULL},  {"b", "{\"category\":\"toys\"}", NULL},
    {"c", "{\"category\":\"books\"}", NULL}, {"d", "{\"category\":\"books\"}", NULL},
    {"e", "{\"category\":\"books\"}", NULL}, {"hidden", "{\"category\":\"toys\"}", NULL}};

struct world {
    struct arena *arena;
    struct catalogue *catalogue;
    struct remote_part part;
    struct recommendation_query query;
    struct search search;
    struct filter_value value;
};

static int setup(void **state)
{
    static struct world world;
    memset(&world, 0, sizeof(world));
    world.arena = arena_create();
    world.catalogue = catalogue_create(NULL, NULL);
    for (size_t i = 0; i < COUNT(items); i++) {
        struct engine_item item = make_item(world.arena, &items[i]);
        item.active = strcmp(item.id, "hidden");
        catalogue_apply(world.catalogue, &item);
    }
    world.query = (struct recommendation_query){.remote = &world.part, .now = FIXTURE_NOW};
    world.search = (struct search){.catalogue = world.catalogue, .query = &world.query, .arena = world.arena};
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    catalogue_destroy(world->catalogue);
    arena_destroy(world->arena);
    return 0;
}

#define REMOTE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct filter *by_category(struct world *world, const char *category)
{
    world->value = (struct filter_value){.text = category, .number = NAN};
    struct filter_condition condition = {
        .column = "category", .operator= FILTER_EQUAL, .values = &world->value, .value_count = 1};
    return filter_compile(world->arena, world->catalogue, &condition, 1);
}

static uint32_t index_of(struct world *world, const char *id)
{
    uint32_t index;
    assert_true(catalogue_find(world->catalogue, id, strlen(id), &index));
    return index;
}

/* The pool as "id score source ...", one letter for the source: r(emote) or f(illed). */
static const char *pool(struct world *world, const struct remote_entry *entries, size_t count, size_t limit)
{
    struct engine_result *results;
    const char *text = "";
    world->part.reply = (struct remote_reply){.entries = (struct remote_entry *)entries, .count = count};
    size_t found = remote_recommender_pool(&world->search, limit, &results);
    assert_true(found <= limit);
    for (size_t i = 0; i < found; i++) {
        assert_true(!i || results[i].score <= results[i - 1].score);
        text = arena_format(world->arena, "%s%s%s %.3g%c", text, i ? ", " : "",
                            catalogue_id(world->catalogue, results[i].item), (double)results[i].score,
                            results[i].source == ENGINE_SOURCE_REMOTE ? 'r' : 'f');
    }
    return text;
}

static const struct remote_entry list[] = {{"c", 0.9},      {"nowhere", 0.8}, {"a", 0.8},
                                           {"hidden", 0.7}, {"c", 0.6},       {"b", 0.02}};

static void what_cannot_be_shown_is_dropped(void **state)
{
    struct world *world = *state;
    world->part.fill = REMOTE_FILL_NONE;
    assert_string_equal(pool(world, list, COUNT(list), 10), "c 0.9r, a 0.8r, b 0.02r");
    assert_int_equal(world->part.dropped, 3);
    assert_int_equal(world->part.filled, 0);
    assert_string_equal(pool(world, list, COUNT(list), 2), "c 0.9r, a 0.8r");
    assert_string_equal(pool(world, list, 0, 2), "");
}

static void exclusions_filters_and_seeds_hold(void **state)
{
    struct world *world = *state;
    world->part.fill = REMOTE_FILL_NONE;
    search_exclude(&world->search, index_of(world, "a"));
    assert_string_equal(pool(world, list, COUNT(list), 10), "c 0.9r, b 0.02r");
    world->search.filters[world->search.filter_count++] = by_category(world, "toys");
    assert_string_equal(pool(world, list, COUNT(list), 10), "b 0.02r");
    struct engine_history_entry seed = {.item = index_of(world, "b"), .weight = 1};
    world->query.strategy = ENGINE_SIMILAR;
    world->search.history = &seed;
    world->search.history_count = 1;
    assert_string_equal(pool(world, list, COUNT(list), 10), "");
}

/* The engine ranks items that nobody bought by their ids, with 0.1; no fill may score above what it stands
 * below. */
static void the_engine_fills_up(void **state)
{
    struct world *world = *state;
    world->part.fill = REMOTE_FILL_EMBEDDED;
    search_exclude(&world->search, index_of(world, "d"));
    size_t excluded = world->search.exclude_count;
    assert_string_equal(pool(world, list, COUNT(list), 4), "c 0.9r, a 0.8r, b 0.02r, e 0.02f");
    assert_int_equal(world->part.filled, 1);
    assert_int_equal(world->search.exclude_count, excluded);
    assert_string_equal(pool(world, list, COUNT(list), 10), "c 0.9r, a 0.8r, b 0.02r, e 0.02f");
    world->part.fill = REMOTE_FILL_TRENDING;
    assert_string_equal(pool(world, list, 1, 3), "c 0.9r, a 0.1f, b 0.1f");
}

static void seeds_do_not_fill_either(void **state)
{
    struct world *world = *state;
    struct engine_history_entry seed = {.item = index_of(world, "a"), .weight = 1};
    world->query.strategy = ENGINE_SIMILAR;
    world->search.history = &seed;
    world->search.history_count = 1;
    world->part.fill = REMOTE_FILL_TRENDING;
    assert_string_equal(pool(world, list, 1, 10), "c 0.9r, b 0.1f, d 0.1f, e 0.1f");
}

static void preferred_items_come_first_whoever_named_them(void **state)
{
    struct world *world = *state;
    world->part.fill = REMOTE_FILL_EMBEDDED;
    world->search.preference = by_category(world, "toys");
    assert_string_equal(pool(world, list, 3, 4), "a 0.9r, b 0.55f, c 0.45r, d 0.05f");
    static const struct remote_entry best[] = {{"c", 1}, {"a", 0}};
    assert_string_equal(pool(world, best, 2, 2), "a 0.5r, c 0.5r");
}

static void the_list_says_who_made_it(void **state)
{
    struct world *world = *state;
    struct recommendation_list made = {.recommender = "embedded", .note = "embedded"};
    world->part.reply = (struct remote_reply){.outcome = REMOTE_TIMEOUT, .elapsed_us = 7, .detail = "x"};
    remote_recommender_note(&world->query, world->arena, &made);
    assert_string_equal(made.recommender, "embedded (remote failed)");
    assert_string_equal(made.note, "embedded degraded=timeout remote_us=7 x");
    world->part.reply.outcome = REMOTE_ANSWERED;
    world->part.filled = 2;
    remote_recommender_note(&world->query, world->arena, &made);
    assert_string_equal(made.recommender, "remote");
    assert_string_equal(made.note, "remote remote_us=7 dropped=0 filled=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        REMOTE_TEST(what_cannot_be_shown_is_dropped),
        REMOTE_TEST(exclusions_filters_and_seeds_hold),
        REMOTE_TEST(the_engine_fills_up),
        REMOTE_TEST(seeds_do_not_fill_either),
        REMOTE_TEST(preferred_items_come_first_whoever_named_them),
        REMOTE_TEST(the_list_says_who_made_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
