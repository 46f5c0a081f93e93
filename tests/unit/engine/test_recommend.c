#include "recommend_world.h"

static const struct filter *where(struct world *world, const char *column, enum filter_operator op,
                                  const char *text)
{
    struct filter_value value = {.text = text, .number = number_of(text)};
    struct filter_condition one = {.column = column, .operator= op, .values = &value, .value_count = 1};
    return filter_compile(world->arena, world->catalogue, &one, 1);
}

static void apply(struct world *world, const char *id, const char *name, const char *pair, bool active)
{
    struct engine_item item = ITEM(world->arena, id, name, pair);
    item.active = active;
    catalogue_apply(world->catalogue, &item);
}

/* ---- the strategies */

static void popular_and_trending_differ(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_POPULAR, 20);
    struct engine_result results[ROOM];
    expect(world, &query, "m0 m1 m2 l0 l1 l2 n1 n2"); /* 30, 26, 16, 12, 8, 4 */
    query.strategy = ENGINE_TRENDING;
    expect(world, &query, "l0 l1 l2 m1 m2 m0 n1 n2");
    assert_int_equal(ask(world, &query, results), 8);
    assert_int_equal(results[0].source, ENGINE_SOURCE_TRENDING);
    assert_true(fabsf(results[0].raw - 12) < 1e-5f);
    assert_int_equal(results[7].source, ENGINE_SOURCE_FILL);
    query.strategy = ENGINE_PERSONALIZED; /* nothing is known of the user */
    expect(world, &query, "l0 l1 l2 m1 m2 m0 n1 n2");
}

static void history_brings_its_own_kind(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_PERSONALIZED, 20);
    struct engine_result results[ROOM];
    query.history = past(world, "m1", 1);
    query.history_count = 1;
    query.exclude = &query.history->item;
    query.exclude_count = 1;
    size_t count = ask(world, &query, results);
    assert_int_equal(count, 7); /* never short */
    assert_string_equal(catalogue_id(world->catalogue, results[0].item), "m0");
    assert_string_equal(catalogue_id(world->catalogue, results[1].item), "m2");
    assert_int_equal(results[0].source, ENGINE_SOURCE_MODEL);
    assert_true(results[1].score > 0.5f);
    assert_int_equal(results[2].source, ENGINE_SOURCE_TRENDING);
    assert_string_equal(catalogue_id(world->catalogue, results[2].item), "l0");
    query.history = past(world, "l2", 0.001f); /* only the direction counts */
    query.exclude_count = 0;
    assert_true(ask(world, &query, results) == 8);
    assert_string_equal(catalogue_id(world->catalogue, results[0].item), "l0");
    assert_int_equal(results[0].source, ENGINE_SOURCE_MODEL);
}

static void dislikes_push_down(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_PERSONALIZED, 20);
    struct engine_result results[ROOM];
    query.history = past(world, "l0", -1);
    query.history_count = 1;
    size_t count = ask(world, &query, results);
    assert_int_equal(count, 8);
    for (size_t i = 0; i < count; i++) {
        const char *id = catalogue_id(world->catalogue, results[i].item);
        bool against = strcmp(id, "l1") == 0 || strcmp(id, "l2") == 0;
        assert_int_equal(against, i >= 6); /* behind even what nobody knows */
        assert_int_equal(results[i].raw < 0, against);
    }
}

static void likes_and_dislikes_add_up(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_PERSONALIZED, 20);
    struct engine_history_entry history[] = {*past(world, "m1", 1),   *past(world, "m0", -1),
                                             *past(world, "m0", 1),   *past(world, "m0", 0),
                                             *past(world, "m1", NAN), {UINT32_MAX, 1}};
    struct engine_result mixed[ROOM], plain[ROOM];
    query.history = history;
    query.history_count = COUNT(history);
    assert_int_equal(ask(world, &query, mixed), 8);
    query.history_count = 1;
    assert_int_equal(ask(world, &query, plain), 8);
    assert_int_equal(mixed[0].item, plain[0].item);
    assert_int_equal(mixed[1].item, plain[1].item);
}

static void similar_leaves_the_seeds_out(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_SIMILAR, 20);
    struct engine_result results[ROOM];
    query.history = past(world, "m0", 1);
    query.history_count = 1;
    assert_int_equal(ask(world, &query, results), 7);
    assert_string_equal(catalogue_id(world->catalogue, results[0].item), "m1");
    assert_string_equal(catalogue_id(world->catalogue, results[1].item), "m2");
    for (int i = 0; i < 7; i++)
        assert_string_not_equal(catalogue_id(world->catalogue, results[i].item), "m0");
}

static void new_items_come_by_content(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_PERSONALIZED, 20);
    struct engine_result results[ROOM];
    apply(world, "x1", "Inflatable flamingos for the garden", "kind=9", true);
    apply(world, "x2", "Completely different thing", "kind=9", true);
    query.history = past(world, "n1", 1);
    query.history_count = 1;
    for (int round = 0; round < 2; round++) {
        assert_true(ask(world, &query, results) > 0);
        assert_string_equal(catalogue_id(world->catalogue, results[0].item), "x1");
        assert_int_equal(results[0].source, ENGINE_SOURCE_CONTENT);
        query.strategy = ENGINE_SIMILAR;
    }
    query.history = past(world, "n1", -1);
    query.strategy = ENGINE_PERSONALIZED;
    size_t count = ask(world, &query, results);
    assert_string_equal(catalogue_id(world->catalogue, results[count - 1].item), "x1");
}

static void newest_goes_by_first_sight(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_NEWEST, 3);
    struct engine_item item = PLAIN(world->arena, "x2", "new");
    struct engine_result results[ROOM];
    item.created = fixture_now - 30 * DAY;
    catalogue_apply(world->catalogue, &item);
    item.id = "x1";
    catalogue_apply(world->catalogue, &item);
    item.id = "m1"; /* only seems new: it was sold 100 days ago */
    catalogue_apply(world->catalogue, &item);
    expect(world, &query, "x1 x2 m1");
    assert_int_equal(ask(world, &query, results), 3);
    assert_int_equal(results[0].source, ENGINE_SOURCE_NEWEST);
    assert_true(results[0].raw == -30 && results[0].score == 0.5f);
    item.id = "future";
    item.created = fixture_now + 1000 * DAY;
    catalogue_apply(world->catalogue, &item);
    expect(world, &query, "x1 x2 m1"); /* not there yet, or a wrong clock: behind all others */
    query.upcoming_first = true;
    assert_int_equal(ask(world, &query, results), 3);
    assert_true(results[0].score == 1);
    assert_string_equal(catalogue_id(world->catalogue, results[0].item), "future");
}

/* ---- what holds for all */

static void filters_are_exact_and_never_starve(void **state)
{
    struct world *world = *state;
    const struct filter *filters[] = {where(world, "kind", FILTER_EQUAL, "9"),
                                      where(world, "id", FILTER_NOT_EQUAL, "n1")};
    struct engine_history_entry *history = past(world, "m0", 1);
    for (unsigned strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++) {
        struct engine_query query = query_of(world, (enum engine_strategy)strategy, 3);
        query.history = history; /* the history speaks for mugs only */
        query.history_count = 1;
        query.filters = filters;
        query.filter_count = 1;
        expect(world, &query, "n1 n2");
        query.filter_count = 2;
        expect(world, &query, "n2");
        query.limit = 1;
        query.filter_count = 1;
        expect(world, &query, "n1");
    }
}

static void excluded_and_hidden_items_stay_away(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_POPULAR, 20);
    uint32_t exclude[] = {index_of(world->catalogue, "m0"), index_of(world->catalogue, "m0"), 5000,
                          UINT32_MAX};
    query.exclude = exclude;
    query.exclude_count = COUNT(exclude);
    apply(world, "m1", "wwww", "kind=1", false);
    apply(world, "x", "hidden", "kind=1", false);
    expect(world, &query, "m2 l0 l1 l2 n1 n2");
    apply(world, "m1", "wwww", "kind=1", true);
    expect(world, &query, "m1 m2 l0 l1 l2 n1 n2");
}

static void preferred_items_come_first_in_score_too(void **state)
{
    struct world *world = *state;
    const struct filter *preferences[] = {where(world, "colour", FILTER_EQUAL, "blue"),
                                          where(world, "kind", FILTER_EQUAL, "2")};
    struct engine_result results[ROOM];
    struct engine_history_entry *history = past(world, "m0", 1);
    for (unsigned strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++) {
        for (size_t limit = 1; limit <= 8; limit++) {
            struct engine_query query = query_of(world, (enum engine_strategy)strategy, limit);
            query.history = history;
            query.history_count = strategy == ENGINE_TRENDING ? 0 : 1;
            query.preferences = preferences;
            query.preference_count = 1;
            size_t count = ask(world, &query, results);
            assert_int_equal(count, strategy == ENGINE_SIMILAR && limit == 8 ? 7 : limit);
            for (size_t i = 0; i < count; i++) {
                const char *id = catalogue_id(world->catalogue, results[i].item);
                bool blue = strcmp(id, "m2") == 0 || strcmp(id, "l1") == 0;
                assert_int_equal(results[i].preferred, blue);
                assert_int_equal(i < 2, blue);
                assert_true(blue ? results[i].score >= 0.5f : results[i].score < 0.5f);
            }
            query.preference_count = 2; /* both must match */
            count = ask(world, &query, results);
            assert_string_equal(catalogue_id(world->catalogue, results[0].item), "l1");
            assert_true(count < 2 || !results[1].preferred);
        }
    }
}

static void ties_go_by_id(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_POPULAR, 20);
    const struct filter *nines = where(world, "kind", FILTER_EQUAL, "9");
    query.filters = &nines;
    query.filter_count = 1;
    apply(world, "z", "zzzz", "kind=9", true); /* added in an order that is not that of ids */
    apply(world, "n11", "zzzz", "kind=9", true);
    apply(world, "a", "zzzz", "kind=9", true);
    apply(world, "n3", "zzzz", "kind=9", true);
    apply(world, "\xc3\xa9", "zzzz", "kind=9", true); /* bytes are unsigned */
    expect(world, &query, "a n1 n11 n2 n3 z \xc3\xa9");
    for (query.limit = 1; query.limit < 7; query.limit++) { /* a prefix, however little is asked for */
        struct engine_result results[ROOM];
        size_t count = ask(world, &query, results);
        assert_int_equal(count, query.limit);
        const char *ids = ids_of(world->arena, world->catalogue, results, count);
        assert_memory_equal(ids, "a n1 n11 n2 n3 z ", strlen(ids));
    }
}

static void shorter_lists_are_prefixes(void **state)
{
    struct world *world = *state;
    struct engine_history_entry history[] = {*past(world, "m2", 1), *past(world, "l2", -0.4f)};
    struct engine_result all[ROOM], some[ROOM];
    for (unsigned strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++) {
        struct engine_query query = query_of(world, (enum engine_strategy)strategy, ROOM);
        query.history = history;
        query.history_count = COUNT(history);
        size_t count = ask(world, &query, all);
        for (query.limit = 0; query.limit < count; query.limit++) {
            assert_int_equal(ask(world, &query, some), query.limit);
            for (size_t i = 0; i < query.limit; i++) {
                assert_int_equal(some[i].item, all[i].item);
                assert_true(some[i].score == all[i].score); /* no scaling by what else is there */
            }
        }
    }
}

static void nothing_to_recommend_is_an_empty_list(void **state)
{
    struct world *world = *state;
    struct catalogue *empty = catalogue_create(NULL, NULL);
    for (unsigned strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++) {
        struct engine_query query = query_of(world, (enum engine_strategy)strategy, 20);
        query.catalogue = empty;
        expect(world, &query, "");
    }
    catalogue_destroy(empty);
}

static void without_a_model_counts_can_be_set(void **state)
{
    struct world *world = *state;
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    const char *const ids[] = {"c", "b", "a", "d"};
    for (size_t i = 0; i < COUNT(ids); i++) {
        struct engine_item item = PLAIN(world->arena, ids[i], "name");
        catalogue_apply(catalogue, &item);
    }
    catalogue_set_popularity(catalogue, index_of(catalogue, "b"), 9, 0);
    catalogue_set_popularity(catalogue, index_of(catalogue, "c"), 5, 0.5f);
    struct engine_query query = query_of(world, ENGINE_TRENDING, 20);
    query.catalogue = catalogue;
    expect(world, &query, "c b a d");
    query.strategy = ENGINE_POPULAR;
    expect(world, &query, "b c a d");
    catalogue_destroy(catalogue);
}

static void trend_lifts_what_sells_now(void **state)
{
    struct world *world = *state;
    struct arena *arena = world->arena;
    struct engine_item items[] = {PLAIN(arena, "seed", "qqqq"), PLAIN(arena, "old", "wwww"),
                                  PLAIN(arena, "now", "eeee"), PLAIN(arena, "other", "rrrr")};
    struct event events[200];
    size_t count = add_pairs(events, 0, arena, "seed", "old", 10, 50);
    count = add_pairs(events, count, arena, "seed", "now", 9, 50);
    count = add_pairs(events, count, arena, "now", "other", 3, 0);
    struct model *model = train_model(items, COUNT(items), events, count);
    struct catalogue *catalogue = catalogue_create(model, NULL);
    struct engine_history_entry history = {.item = index_of(catalogue, "seed"), .weight = 1};
    struct engine_query query = {.catalogue = catalogue, .history = &history, .history_count = 1, .limit = 1};
    query.strategy = ENGINE_SIMILAR; /* knows no trend: what was bought together most */
    expect(world, &query, "old");
    query.strategy = ENGINE_PERSONALIZED;
    expect(world, &query, "now");
    catalogue_destroy(catalogue);
    model_close(model);
}

static void sources_have_names(void **state)
{
    (void)state;
    assert_string_equal(engine_source_name(ENGINE_SOURCE_MODEL), "model");
    assert_string_equal(engine_source_name(ENGINE_SOURCE_CONTENT), "content");
    assert_string_equal(engine_source_name(ENGINE_SOURCE_TRENDING), "trending_backfill");
    assert_string_equal(engine_source_name(ENGINE_SOURCE_POPULAR), "popular");
    assert_string_equal(engine_source_name(ENGINE_SOURCE_NEWEST), "newest");
    assert_string_equal(engine_source_name(ENGINE_SOURCE_FILL), "fill");
}

/* Against a plain computation of the same order, over many random questions. */
static void the_heap_agrees_with_sorting(void **state)
{
    struct world *world = *state;
    enum { ITEMS = 200 };
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    uint64_t random = 88172645463325252u;
    for (int i = 0; i < ITEMS; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        struct engine_item item =
            PLAIN(world->arena, arena_format(world->arena, "%08x", (unsigned)(random >> 32)), "name");
        catalogue_apply(catalogue, &item);
        catalogue_set_popularity(catalogue, (uint32_t)i, (float)(random >> 20 & 7), 0);
    }
    struct engine_query query = query_of(world, ENGINE_POPULAR, 0);
    query.catalogue = catalogue;
    for (query.limit = 1; query.limit <= ROOM; query.limit++) {
        struct engine_result results[ROOM];
        assert_int_equal(ask(world, &query, results), query.limit);
        for (size_t place = 0; place < query.limit; place++) {
            size_t better = 0;
            float own = catalogue_popularity(catalogue, results[place].item);
            for (uint32_t i = 0; i < ITEMS; i++) {
                float other = catalogue_popularity(catalogue, i);
                better +=
                    other > own || (other == own && strcmp(catalogue_id(catalogue, i),
                                                           catalogue_id(catalogue, results[place].item)) < 0);
            }
            assert_int_equal(better, place);
        }
    }
    catalogue_destroy(catalogue);
}

/* A shop of many blocks of items: some sell now, some sold long ago, some never did. */
enum { MANY = 700, SALES = 3000, LONG_AGO = 300 };

static struct model *train_many(struct arena *arena)
{
    static struct engine_item items[MANY];
    static struct event events[SALES];
    uint64_t random = 88172645463325252u;
    for (int i = 0; i < MANY; i++)
        items[i] = PLAIN(arena, arena_format(arena, "i%03d", i), arena_format(arena, "name%d", i));
    for (int i = 0; i < SALES; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned item = (unsigned)(random >> 33) % MANY;
        events[i] =
            (struct event){arena_format(arena, "u%u", (unsigned)(random >> 45) % 200),
                           items[item % 7 ? item : 0].id, 1, item % 3 ? LONG_AGO : (int)(random >> 20 & 15)};
    }
    return train_model(items, MANY, events, SALES);
}

/* Blocks are passed over only where a short list has no use for them: asked for everything, nothing is. */
static void short_lists_of_many_items_are_prefixes(void **state)
{
    struct world *world = *state;
    struct model *model = train_many(world->arena);
    struct catalogue *catalogue = catalogue_create(model, NULL);
    struct engine_history_entry history[] = {{.item = 3, .weight = 1}, {.item = 500, .weight = -0.5f}};
    static const size_t limits[] = {1, 2, 7, 20, 33, 100, MANY - 1};
    static struct engine_result all[MANY], some[MANY];
    uint32_t levels = 0;
    for (unsigned round = 0; round < 4 * ENGINE_STRATEGY__MAX; round++) {
        struct engine_query query = query_of(world, (enum engine_strategy)(round / 4), MANY);
        uint32_t best[20];
        query.catalogue = catalogue;
        query.history = history;
        query.history_count = round % 4;
        if (query.history_count > COUNT(history)) {
            query.history_count = 0; /* the best are excluded instead, so that the guess is wrong */
            size_t count = engine_recommend(&query, world->arena, all);
            for (size_t i = 0; i < COUNT(best) && i < count; i++)
                best[i] = all[i].item;
            query.exclude = best;
            query.exclude_count = COUNT(best);
        }
        size_t count = engine_recommend(&query, world->arena, all);
        assert_true(count > MANY / 2);
        for (size_t i = 0; i < count; i++)
            levels |= UINT32_C(1) << all[i].source;
        for (size_t k = 0; k < COUNT(limits); k++) {
            query.limit = limits[k];
            size_t found = engine_recommend(&query, world->arena, some);
            assert_int_equal(found, limits[k] < count ? limits[k] : count);
            for (size_t i = 0; i < found; i++)
                assert_int_equal(some[i].item, all[i].item);
        }
    }
    assert_true(levels & 1U << ENGINE_SOURCE_TRENDING && levels & 1U << ENGINE_SOURCE_POPULAR &&
                levels & 1U << ENGINE_SOURCE_MODEL && levels & 1U << ENGINE_SOURCE_FILL);
    catalogue_destroy(catalogue);
    model_close(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(popular_and_trending_differ),
        TEST(history_brings_its_own_kind),
        TEST(dislikes_push_down),
        TEST(likes_and_dislikes_add_up),
        TEST(similar_leaves_the_seeds_out),
        TEST(new_items_come_by_content),
        TEST(newest_goes_by_first_sight),
        TEST(filters_are_exact_and_never_starve),
        TEST(excluded_and_hidden_items_stay_away),
        TEST(preferred_items_come_first_in_score_too),
        TEST(ties_go_by_id),
        TEST(shorter_lists_are_prefixes),
        TEST(nothing_to_recommend_is_an_empty_list),
        TEST(without_a_model_counts_can_be_set),
        TEST(trend_lifts_what_sells_now),
        TEST(sources_have_names),
        TEST(the_heap_agrees_with_sorting),
        TEST(short_lists_of_many_items_are_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
