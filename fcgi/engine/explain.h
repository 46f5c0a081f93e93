/* Why an item is in a list, where it stands, or why it is not there.
 *
 * All figures come from the code that ranks (ranking.h, relevance.h), so they are those of the list. Looks at
 * every item once more: for the explanation of one item, not for every answer. Pure, as recommend.h. Does not
 * make texts.
 */
#ifndef PALATE_ENGINE_EXPLAIN_H
#define PALATE_ENGINE_EXPLAIN_H

#include "engine/query.h"

enum engine_standing {
    ENGINE_LISTED,      /* among the limit best */
    ENGINE_BELOW_LIMIT, /* eligible, but limit others are better */
    ENGINE_INACTIVE,    /* hidden: what is checked first wins */
    ENGINE_SEED,        /* of SIMILAR */
    ENGINE_EXCLUDED,    /* by the query's exclude */
    ENGINE_FILTERED,    /* fails a filter */
    ENGINE_STANDING__MAX
};
/* "listed", "below_limit", "inactive", "seed", "excluded", "filtered". */
const char *engine_standing_name(enum engine_standing standing) __attribute__((returns_nonnull, const));

/* What one item of the history gives. Items that were added or changed have no content rows, and what an
 * added or changed item gets by its text comes from the history as a whole: content is 0 for these. */
struct engine_contribution {
    uint32_t item;
    float weight;     /* all its entries joined, before recency */
    float behaviour;  /* its share in engine_explanation.behaviour */
    float transition; /* in transitions */
    float content;    /* in content */
};

struct engine_explanation {
    enum engine_standing standing;
    size_t rank;      /* from 1, among all eligible items; 0 when it is not eligible */
    size_t filter;    /* FILTERED: the first filter of the query that it fails, */
    size_t condition; /* and the first condition of it that fails (filter_find_failure()) */
    /* As in the list; when it is not eligible, as it would be there. */
    struct engine_result result;
    /* relevance = (behaviour + transitions) x trend + content, but for rounding to float; all 0 and trend 1
     * for strategies without a history, and trend 1 for SIMILAR. */
    double behaviour, transitions, trend, content, relevance;
    /* Those that give anything, greatest absolute sum first, then as in the history. In the arena. */
    const struct engine_contribution *contributions;
    size_t contribution_count;
};

/* The item must be below catalogue_item_count(). */
void engine_explain_item(const struct engine_query *query, uint32_t item, struct arena *arena,
                         struct engine_explanation *explanation) __attribute__((nonnull));

#endif
