/* Who answers "what next?"; see recommender.h. */
#include "recommender/recommender.h"

#include "base/memory.h"
#include "recommender/catalogues.h"
#include "recommender/embedded.h"

#include <string.h>

struct recommender {
    struct catalogues *catalogues;
};

struct recommender *recommender_create(const struct config *config)
{
    struct recommender *recommender = memory_alloc(1, sizeof(*recommender));
    recommender->catalogues = catalogues_create(config->model_directory);
    return recommender;
}

void recommender_destroy(struct recommender *recommender)
{
    if (!recommender)
        return;
    catalogues_destroy(recommender->catalogues);
    memory_free(recommender);
}

bool recommender_recommend(struct recommender *recommender, struct database *db,
                           const struct recommendation_query *query, struct arena *arena,
                           struct recommendation_list *list, struct error *error)
{
    struct catalogue *catalogue = catalogues_get(recommender->catalogues, db, query->tenant, error);
    return catalogue && embedded_recommend(catalogue, db, query, arena, list, error);
}

bool recommender_describe(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                          const char *item_id, struct arena *arena, const char **name,
                          const char **description, struct error *error)
{
    struct catalogue *catalogue = catalogues_get(recommender->catalogues, db, tenant, error);
    if (!catalogue)
        return false;
    uint32_t index;
    struct engine_item item = {.name = "", .description = ""};
    if (catalogue_find(catalogue, item_id, strlen(item_id), &index) && catalogue_is_active(catalogue, index))
        catalogue_get(catalogue, index, &item);
    *name = arena_copy_text(arena, item.name);
    *description = arena_copy_text(arena, item.description);
    return true;
}
