/* Cuts a ranked list into groups of items that share the values of some fields. */
#ifndef PALATE_RECOMMENDER_SHAPING_GROUPING_H
#define PALATE_RECOMMENDER_SHAPING_GROUPING_H

#include "base/arena.h"
#include "engine/query.h"
#include "recommender/context_settings.h"

enum { GROUPING_LIMIT = 100000 }; /* items that are looked at for groups: the engine's longest list */

/* Key of items that have none of the fields. */
#define GROUPING_NO_VALUE "(none)"

struct group {
    const char *key;               /* the values of its best item, joined by " | " */
    const char *same;              /* the key as it is compared: categories are labels (engine/label.h) */
    struct engine_result *results; /* best first, at most context->group_items */
    size_t count;
};

/* Groups of the first `quantity` keys in rank order; returns how many there are. results[count] are ranked;
 * *groups lives in the arena. */
size_t grouping_cut(struct arena *arena, const struct catalogue *catalogue,
                    const struct context_settings *context, const struct engine_result *results, size_t count,
                    size_t quantity, struct group **groups) __attribute__((nonnull));

/* Whether a longer list could not change them: enough groups, each full. */
bool grouping_is_complete(const struct group *groups, size_t count, size_t quantity,
                          const struct context_settings *context) __attribute__((nonnull));

#endif
