/* An explanation and the list say the same; and every way of being absent is told. */
#include "fixture.h"

#include "engine/explain.h"

enum { ITEMS = 320, ADDED = 3, ROOM = ITEMS + ADDED };

/* Items of ten groups; users like two of them. Names have words of the group, so that content speaks, too. */
struct world {
    struct arena *arena;
    struct model *model;
    struct catalogue *catalogue;
    uint64_t random;
};

static size_t next(struct world *world, size_t below)
{
    world->random = world->random * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(world->random >> 33) % below;
}

static struct engine_item item_of(struct world *world, int number, int version)
{
    static const char *const words[] = {"lamp", "mug", "chair", "shelf", "clock",
                                        "rug",  "pan", "towel", "plant", "radio"};
    struct arena *arena = world->arena;
    struct engine_item item =
        ITEM(arena, arena_format(arena, "i%03d", number),
             arena_format(arena, "%s %s %d", words[number % 10], words[(number + version) % 7], number / 10),
             arena_format(arena, "group=%d", number % 10), arena_format(arena, "price=%d", number % 40),
             arena_format(arena, "code=%d", number));
    return item;
}

static int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    struct engine_item items[ITEMS];
    struct event events[4000];
    *state = world;
    world->arena = arena_create();
    world->random = 5;
    for (int i = 0; i < ITEMS; i++)
        items[i] = item_of(world, i, 0);
    for (size_t i = 0; i < COUNT(events); i++) {
        size_t user = i / 20, group = (user * 3 + i % 2) % 10, place = next(world, 32) * next(world, 32) / 32;
        events[i] = (struct event){arena_format(world->arena, "u%zu", user), items[place * 10 + group].id, 1,
                                   (int)(200 - i % 20 * 5)};
    }
    world->model = train_model(items, ITEMS, events, COUNT(events));
    world->catalogue = catalogue_create(world->model, NULL);
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    catalogue_destroy(world->catalogue);
    model_close(world->model);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

static void change_some(struct world *world)
{
    for (int i = 0; i < ITEMS + ADDED; i += i < ITEMS ? 37 : 1) {
        struct engine_item item = item_of(world, i, 3);
        item.active = i % 3 != 0;
        catalogue_apply(world->catalogue, &item);
    }
}

static const struct filter *make_filter(struct world *world)
{
    struct filter_value value = {.text = arena_format(world->arena, "%zu", next(world, 12))};
    value.number = number_of(value.text);
    static const struct {
        const char *column;
        enum filter_operator op;
    } kinds[] = {{"group", FILTER_EQUAL},     {"price", FILTER_LESS}, {"group", FILTER_NOT_EQUAL},
                 {"code", FILTER_LESS_EQUAL}, {"name", FILTER_LIKE},  {"price", FILTER_EQUAL}};
    struct filter_condition conditions[2];
    for (int i = 0; i < 2; i++) {
        size_t kind = next(world, COUNT(kinds));
        conditions[i] = (struct filter_condition){.column = kinds[kind].column,
                                                  .operator= kinds[kind].op,
                                                  .values = &value,
                                                  .value_count = 1,
                                                  .or_with_previous = next(world, 3) == 0};
    }
    return filter_compile(world->arena, world->catalogue, conditions, 1 + next(world, 2));
}

static bool adds_up(const struct engine_explanation *explained)
{
    double sum = (explained->behaviour + explained->transitions) * explained->trend + explained->content;
    return fabs(sum - explained->relevance) <= 1e-4 * (1 + fabs(explained->relevance));
}

static void assert_same(const struct engine_result *left, const struct engine_result *right)
{
    assert_int_equal(left->item, right->item);
    assert_true(left->score == right->score && left->raw == right->raw);
    assert_int_equal(left->source, right->source);
    assert_int_equal(left->preferred, right->preferred);
}

/* Every item of the catalogue is asked for: the rank, found by looking at all, is the place in the list. */
static void check_against_list(struct world *world, const struct engine_query *query)
{
    static struct engine_result results[ROOM];
    size_t count = engine_recommend(query, world->arena, results), eligible = 0;
    for (uint32_t item = 0; item < catalogue_item_count(query->catalogue); item++) {
        struct engine_explanation explained;
        engine_explain_item(query, item, world->arena, &explained);
        bool listed = explained.standing == ENGINE_LISTED;
        eligible += explained.rank > 0;
        assert_true(adds_up(&explained));
        assert_int_equal(listed, explained.rank >= 1 && explained.rank <= count);
        if (listed)
            assert_same(&explained.result, &results[explained.rank - 1]);
        else
            assert_int_equal(explained.rank > 0, explained.standing == ENGINE_BELOW_LIMIT);
        if (explained.standing == ENGINE_FILTERED) {
            size_t condition;
            assert_true(filter_find_failure(query->filters[explained.filter], item, &condition));
            assert_int_equal(condition, explained.condition);
        }
    }
    assert_int_equal(count, eligible < query->limit ? eligible : query->limit); /* never short */
}

static void lists_agree_with_looking_at_all(void **state)
{
    struct world *world = *state;
    for (int round = 0; round < 24; round++) {
        struct engine_history_entry history[12];
        uint32_t excluded[5];
        size_t count = next(world, 12);
        if (round == 12)
            change_some(world);
        for (size_t i = 0; i < COUNT(history); i++)
            history[i] = (struct engine_history_entry){
                .item = (uint32_t)next(world, catalogue_item_count(world->catalogue)),
                .weight = next(world, 5) ? 1 : -0.5F};
        for (size_t i = 0; i < COUNT(excluded); i++)
            excluded[i] = (uint32_t)next(world, ITEMS);
        const struct filter *filters[2] = {make_filter(world), make_filter(world)};
        struct engine_query query = {.catalogue = world->catalogue,
                                     .strategy = (enum engine_strategy)(
                                         round % 3 ? ENGINE_PERSONALIZED : round % ENGINE_STRATEGY__MAX),
                                     .history = history,
                                     .history_count = count,
                                     .newest_first = next(world, 2),
                                     .filters = filters,
                                     .filter_count = next(world, 3),
                                     .exclude = excluded,
                                     .exclude_count = COUNT(excluded),
                                     .limit = 1 + next(world, 90),
                                     .now = fixture_now};
        query.preferences = filters + 1;
        query.preference_count = query.filter_count == 1 && round % 4 == 0;
        check_against_list(world, &query);
    }
}

static struct engine_explanation explain(struct world *world, const struct engine_query *query,
                                         const char *id)
{
    struct engine_explanation explained;
    engine_explain_item(query, index_of(world->catalogue, id), world->arena, &explained);
    return explained;
}

static void absence_has_a_reason(void **state)
{
    struct world *world = *state;
    struct engine_item hidden = item_of(world, 7, 0);
    struct filter_value group = {.text = "3", .number = 3}, price = {.text = "20", .number = 20};
    struct filter_condition conditions[] = {
        {.column = "group", .operator= FILTER_EQUAL, .values = &group, .value_count = 1},
        {.column = "price", .operator= FILTER_LESS, .values = &price, .value_count = 1}};
    uint32_t excluded = index_of(world->catalogue, "i013");
    struct engine_history_entry seed = {.item = index_of(world->catalogue, "i003"), .weight = 1};
    hidden.active = false;
    catalogue_apply(world->catalogue, &hidden);
    const struct filter *filters[] = {filter_compile(world->arena, world->catalogue, NULL, 0),
                                      filter_compile(world->arena, world->catalogue, conditions, 2)};
    struct engine_query query = {.catalogue = world->catalogue,
                                 .strategy = ENGINE_SIMILAR,
                                 .history = &seed,
                                 .history_count = 1,
                                 .filters = filters,
                                 .filter_count = 2,
                                 .exclude = &excluded,
                                 .exclude_count = 1,
                                 .limit = 1};
    assert_int_equal(explain(world, &query, "i007").standing, ENGINE_INACTIVE);
    assert_int_equal(explain(world, &query, "i003").standing, ENGINE_SEED);
    assert_int_equal(explain(world, &query, "i013").standing, ENGINE_EXCLUDED);
    struct engine_explanation explained = explain(world, &query, "i014");
    assert_int_equal(explained.standing, ENGINE_FILTERED);
    assert_int_equal(explained.filter, 1);
    assert_int_equal(explained.condition, 0);
    explained = explain(world, &query, "i033"); /* price 33 */
    assert_int_equal(explained.standing, ENGINE_FILTERED);
    assert_int_equal(explained.condition, 1);
    assert_int_equal(explained.rank, 0);
    assert_true(explained.result.score > 0); /* what it would have */
    assert_string_equal(engine_standing_name(explained.standing), "filtered");
    assert_string_equal(engine_standing_name(ENGINE_STANDING__MAX), "listed");
}

/* Contributions are of the history's items, sum up to the parts, and the greatest comes first. */
static void contributions_sum_up(void **state)
{
    struct world *world = *state;
    struct engine_history_entry history[6];
    for (uint32_t i = 0; i < 6; i++)
        history[i] = (struct engine_history_entry){.item = i * 10 + i % 2 * 3, .weight = i == 4 ? -1 : 1};
    struct engine_query query = {.catalogue = world->catalogue,
                                 .history = history,
                                 .history_count = 6,
                                 .newest_first = true,
                                 .limit = 20};
    size_t found = 0;
    for (uint32_t item = 0; item < ITEMS; item++) {
        struct engine_explanation explained;
        double behaviour = 0, transitions = 0, content = 0, last = INFINITY;
        engine_explain_item(&query, item, world->arena, &explained);
        for (size_t i = 0; i < explained.contribution_count; i++) {
            const struct engine_contribution *part = &explained.contributions[i];
            double size = fabs(((double)part->behaviour + (double)part->transition) * explained.trend +
                               (double)part->content);
            assert_true(size > 0 && size <= last && part->item < 60);
            last = size;
            behaviour += (double)part->behaviour;
            transitions += (double)part->transition;
            content += (double)part->content;
        }
        assert_true(fabs(behaviour - explained.behaviour) < 1e-6);
        assert_true(fabs(transitions - explained.transitions) < 1e-6);
        assert_true(fabs(content - explained.content) < 1e-5);
        found += explained.contribution_count;
    }
    assert_true(found > ITEMS / 4);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_agree_with_looking_at_all),
        TEST(absence_has_a_reason),
        TEST(contributions_sum_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
