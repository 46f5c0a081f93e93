/* The embedded recommender: a query in ids becomes one in the engine's indices, and its results become items
 * again. */
#ifndef PALATE_RECOMMENDER_EMBEDDED_H
#define PALATE_RECOMMENDER_EMBEDDED_H

#include "recommender/query.h"

/* See recommender_recommend(). */
bool embedded_recommend(struct catalogue *catalogue, struct database *db,
                        const struct recommendation_query *query, struct arena *arena,
                        struct recommendation_list *list, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* See recommender_recall(). */
void embedded_recall(struct catalogue *catalogue, const struct recommendation_query *query, size_t limit,
                     struct arena *arena, struct recommendation_list *list) __attribute__((nonnull));

#endif
