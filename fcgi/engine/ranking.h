/* One query's view of items: may an item be in the list, where does it stand, what is its score?
 *
 * Private to the engine: recommend.c gathers with it, explain.c explains with it, so that they agree.
 * Owns nothing; memory as of relevance.h. Does not choose which items are looked at. */
#ifndef PALATE_ENGINE_RANKING_H
#define PALATE_ENGINE_RANKING_H

#include "engine/candidate.h"
#include "engine/relevance.h"

/* What speaks for an item, best first. */
enum ranking_level {
    RANKING_RELEVANT,
    RANKING_TRENDING,
    RANKING_POPULAR,
    RANKING_NEWEST,
    RANKING_REST,
    RANKING_AGAINST
};

struct ranking {
    const struct engine_query *query;
    struct relevance relevance;
    uint64_t *banned; /* bitmap over the catalogue: excluded, or a seed */
};

/* One at a time for each catalogue. */
void ranking_prepare(struct ranking *ranking, const struct engine_query *query, struct arena *arena)
    __attribute__((nonnull));

/* Is it active, not excluded and not a seed? Filters are not looked at. */
bool ranking_is_allowed(const struct ranking *ranking, uint32_t index) __attribute__((nonnull));

/* Sets level, value and source; preferred is left alone. */
void ranking_rate(const struct ranking *ranking, struct candidate *candidate) __attribute__((nonnull));

/* The entry of the list for a rated candidate. */
struct engine_result ranking_result(const struct ranking *ranking, const struct candidate *candidate)
    __attribute__((nonnull));

#endif
