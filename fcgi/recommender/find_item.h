/* Finds an item by the id that a caller gave: as it is, else without a prefix of the API's first versions
 * ("itm_7", "rec_7", "rec_itm_7"). Does not look at activity. */
#ifndef PALATE_RECOMMENDER_FIND_ITEM_H
#define PALATE_RECOMMENDER_FIND_ITEM_H

#include "engine/catalogue.h"

/* *index is set only when found. */
bool find_item(const struct catalogue *catalogue, const char *id, uint32_t *index)
    __attribute__((nonnull, warn_unused_result));

/* The id without its prefix, or NULL when it has none. */
const char *find_item_without_prefix(const char *id) __attribute__((nonnull));

#endif
