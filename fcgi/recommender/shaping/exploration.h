/* Gives a stated share of a list's places to items that have hardly been shown yet.
 *
 * New items come first, those with the fewest explorations before others, until each has had as many
 * impressions as granted; then any eligible item that the ranking left out. Which places and which items is
 * decided by the request's id, so the same request has the same answer. The first place is never given away.
 */
#ifndef PALATE_RECOMMENDER_SHAPING_EXPLORATION_H
#define PALATE_RECOMMENDER_SHAPING_EXPLORATION_H

#include "base/arena.h"
#include "engine/query.h"

struct exploration {
    double share;    /* of the places, 0..0.5; 0: off */
    int impressions; /* granted to each new item */
};

/* A seed from a request's id. */
uint64_t exploration_seed(const char *request_id) __attribute__((nonnull, pure));

/* How many of quantity places: share x quantity, a fraction decided by the seed, so that the share holds on
 * average also for short lists; less than quantity. */
size_t exploration_places(const struct exploration *exploration, size_t quantity, uint64_t seed)
    __attribute__((nonnull));

struct exploration_candidate {
    struct engine_result result;
    uint32_t explored; /* impressions by exploration so far; UINT32_MAX: not a new item */
};

/* Puts the best `places` candidates of the kind (preferred or not) of the first item into places of that
 * kind, each with the score of the item that it pushes back and the source EXPLORATION; what no longer fits
 * falls off the end. Candidates must not be in the list. explored[places] receives the items that were put
 * in; returns their number. */
size_t explore(struct arena *arena, const struct exploration *exploration, uint64_t seed,
               const struct exploration_candidate *candidates, size_t candidate_count,
               struct engine_result *results, size_t count, size_t places, uint32_t *explored)
    __attribute__((nonnull(1, 2, 6, 9)));

#endif
