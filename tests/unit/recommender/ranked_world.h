/* A catalogue of the test's items and a ranked list of them, each a tenth below the one before. Include it
 * behind the definitions of items[] and RANKED_BEST, the score of the first. */
#ifndef PALATE_TESTS_RECOMMENDER_RANKED_WORLD_H
#define PALATE_TESTS_RECOMMENDER_RANKED_WORLD_H

#include "engine/recommend.h"

struct world {
    struct arena *arena;
    struct catalogue *catalogue;
    struct engine_result results[COUNT(items)];
};

FIXTURE int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.catalogue = catalogue_create(NULL, NULL);
    for (size_t i = 0; i < COUNT(items); i++) {
        struct engine_item item = make_item(world.arena, &items[i]);
        catalogue_apply(world.catalogue, &item);
        world.results[i] = (struct engine_result){.score = RANKED_BEST - (float)i / 10};
        assert_true(catalogue_find(world.catalogue, items[i].id, 1, &world.results[i].item));
    }
    *state = &world;
    return 0;
}

FIXTURE int teardown(void **state)
{
    struct world *world = *state;
    catalogue_destroy(world->catalogue);
    arena_destroy(world->arena);
    return 0;
}

#endif
