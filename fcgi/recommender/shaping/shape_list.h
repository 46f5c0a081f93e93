/* From a search to the list that is shown: what a context wants done to a ranking.
 *
 * In this order: rotation moves down what was shown in vain, diversity chooses, exploration gives places
 * away. A context that wants none of them costs nothing here. */
#ifndef PALATE_RECOMMENDER_SHAPING_SHAPE_LIST_H
#define PALATE_RECOMMENDER_SHAPING_SHAPE_LIST_H

#include "recommender/search.h"

/* Ranks and shapes: at most query->quantity results in the arena. Reads the logs; what it explored is in
 * search->explored, for the caller to count. Errors: the database's. */
bool shape_list(struct search *search, struct engine_result **results, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
