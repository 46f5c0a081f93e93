/* What a history says: several seeds, the order of a known history, sessions whose order is not known. */
#include "recommend_world.h"

#include "training/internal.h"

/* A cart: what goes with all of it comes before what goes with a part. */
static void several_seeds_add_up(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_SIMILAR, 20);
    struct engine_history_entry cart[] = {*past(world, "m1", 1), *past(world, "l1", 1),
                                          *past(world, "m2", 1)};
    struct engine_result results[ROOM];
    query.history = cart;
    query.history_count = COUNT(cart);
    assert_int_equal(ask(world, &query, results), 5);                                 /* no seed comes back */
    assert_string_equal(ids_of(world->arena, world->catalogue, results, 2), "m0 l0"); /* two seeds, one */
    assert_true(results[1].raw > 0);
    struct engine_history_entry turned[] = {cart[2], cart[1], cart[0]};
    struct engine_result again[ROOM];
    query.history = turned;
    assert_int_equal(ask(world, &query, again), 5);
    for (int i = 0; i < 5; i++) /* their order says nothing */
        assert_int_equal(again[i].item, results[i].item);
    query.history_count = 1;
    ask(world, &query, again);
    assert_true(again[1].item != results[1].item); /* the lamps came with l1 */
}

/* A model in which l0 is followed by l2 and m0 by m2, each with half the weight for every newer item. */
static struct model *train_transitions(struct arena *arena)
{
    static const char *const ids[] = {"l0", "l2", "m0", "m2", "n0"};
    struct engine_item items[COUNT(ids)];
    struct event events[16];
    for (size_t i = 0; i < COUNT(ids); i++)
        items[i] = PLAIN(arena, ids[i], "");
    size_t count = add_pairs(events, 0, arena, "l0", "m0", 4, 3);
    struct trainer *trainer = train(items, COUNT(ids), events, count);
    struct trained_rows *rows = &trainer->trained.transitions;
    char *folder = folder_create(), *path = folder_path(arena, folder, "model");
    struct model *model;
    memory_free(rows->targets);
    memory_free(rows->weights);
    rows->targets = memory_alloc(2, sizeof(*rows->targets));
    rows->weights = memory_alloc(2, sizeof(*rows->weights));
    for (uint32_t i = 0; i < 2; i++) {
        rows->targets[i] = 2 * i + 1;
        rows->weights[i] = 0.5F;
    }
    for (uint32_t i = 0; i <= COUNT(ids); i++)
        rows->starts[i] = i < 1 ? 0 : i < 3 ? 1 : 2;
    trainer->trained.settings.transition_recency = 0.5F;
    trainer->trained.settings.history_half_life = 0;
    assert_int_equal(trainer_write(trainer, path), 0);
    assert_int_equal(model_open(path, &model), MODEL_OK);
    trainer_destroy(trainer);
    unlink(path);
    folder_remove(folder);
    return model;
}

static struct engine_result result_for(struct world *world, const struct engine_query *query, const char *id)
{
    struct engine_result results[ROOM];
    size_t count = ask(world, query, results);
    for (size_t i = 0; i < count; i++)
        if (strcmp(catalogue_id(query->catalogue, results[i].item), id) == 0)
            return results[i];
    fail_msg("%s is not in the list", id);
    return results[0];
}

static void what_comes_next_counts_for_the_newest(void **state)
{
    struct world *world = *state;
    struct model *model = train_transitions(world->arena);
    struct catalogue *catalogue = catalogue_create(model, NULL);
    struct engine_query query = query_of(world, ENGINE_PERSONALIZED, ROOM);
    struct engine_history_entry history[2] = {{index_of(catalogue, "l0"), 1}, {index_of(catalogue, "m0"), 1}};
    query.catalogue = catalogue;
    query.history = history;
    query.history_count = 2;
    for (int turned = 0; turned < 2; turned++) {
        const char *newer = turned ? "m2" : "l2", *older = turned ? "l2" : "m2";
        query.newest_first = true;
        float trend = model_trend(model)[index_of(catalogue, newer)];
        assert_true(fabsf(result_for(world, &query, newer).raw - 0.5F * trend) < 1e-4F);
        trend = model_trend(model)[index_of(catalogue, older)];
        assert_true(fabsf(result_for(world, &query, older).raw - 0.25F * trend) < 1e-4F);
        query.newest_first = false; /* an anonymous session, whose order is not known: the mean */
        assert_true(fabsf(result_for(world, &query, older).raw - 0.375F * trend) < 1e-4F);
        history[0] = (struct engine_history_entry){index_of(catalogue, "m0"), 1};
        history[1] = (struct engine_history_entry){index_of(catalogue, "l0"), 1};
    }
    catalogue_destroy(catalogue);
    model_close(model);
}

/* A request's own history, about whose order and owner nothing is known, gives a list of its own kind. */
static void anonymous_sessions_are_personal(void **state)
{
    struct world *world = *state;
    struct engine_query query = query_of(world, ENGINE_PERSONALIZED, 20);
    struct engine_history_entry session[] = {*past(world, "l1", 0.5F), *past(world, "l1", 0.5F),
                                             *past(world, "l2", 1)};
    struct engine_result results[ROOM];
    query.history = session;
    query.history_count = COUNT(session);
    assert_int_equal(ask(world, &query, results), 8);
    assert_string_equal(catalogue_id(world->catalogue, results[0].item), "l0");
    assert_int_equal(results[0].source, ENGINE_SOURCE_MODEL);
    query.history_count = 0;
    expect(world, &query, "l0 l1 l2 m1 m2 m0 n1 n2"); /* without any: what is trending */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(several_seeds_add_up),
        TEST(what_comes_next_counts_for_the_newest),
        TEST(anonymous_sessions_are_personal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
