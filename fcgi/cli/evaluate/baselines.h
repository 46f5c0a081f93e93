/* The plain methods that a recommender must beat: popularity, recent popularity, item-kNN.
 *
 * Owns its tables. Learns from a finished event set, which must outlive it; an event counts once for each
 * user and item, whatever its weight. Deterministic; equal scores are ordered by popularity, then by the
 * arrival of the item. */
#ifndef PALATE_CLI_EVALUATE_BASELINES_H
#define PALATE_CLI_EVALUATE_BASELINES_H

#include "cli/evaluate/event_set.h"

enum baseline {
    BASELINE_POPULAR, /* by the number of users */
    BASELINE_RECENT,  /* the same of the last 30 days before the newest event */
    BASELINE_KNN,     /* item-to-item cosine: an item's score is the sum of its cosines with those of its
                         100 nearest items that the user has (Sarwar et al. 2001) */
    BASELINE__MAX
};

struct baselines;

/* Called now and then; false stops. */
typedef bool baselines_progress(void *context, uint64_t done, uint64_t total);

/* NULL when progress stopped it. */
struct baselines *baselines_learn(const struct event_set *set, baselines_progress *progress, void *context)
    __attribute__((nonnull(1, 2), warn_unused_result));
void baselines_destroy(struct baselines *baselines); /* NULL is fine */

/* Writes up to k item numbers, best first, without those that the user has an event with, and without those
 * that have no score; returns how many. */
size_t baselines_rank(struct baselines *baselines, enum baseline method, uint32_t user, size_t k,
                      uint32_t *items) __attribute__((nonnull, warn_unused_result));

#endif
