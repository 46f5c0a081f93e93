/* How good lists are, by what the users turned out to want; and how sure a difference is.
 *
 * Pure arithmetic; owns nothing. Definitions as in LightGCN-PyTorch code/utils.py and BARS, relevance is
 * binary; k counts also for shorter lists. */
#ifndef PALATE_CLI_EVALUATE_METRICS_H
#define PALATE_CLI_EVALUATE_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct metrics {
    double recall; /* hits / |wanted| */
    double ndcg;   /* sum over hits of 1 / log2(rank + 1), divided by that of min(k, |wanted|) first ranks */
    double hit;    /* 1 when there is any hit */
};

/* list: count items, best first, of which the first k count; wanted: ascending, each once, not empty. */
struct metrics metrics_of_list(const uint32_t *list, size_t count, const uint32_t *wanted,
                               size_t wanted_count, size_t k) __attribute__((nonnull));

struct interval {
    double mean, low, high;
};

/* The mean of ours[i] - theirs[i], and the 95 % percentile interval of it from 1,000 resamples of the users
 * with replacement (Efron 1979), paired: each resample takes the same users of both. count above 0.
 * Deterministic for a seed. */
struct interval metrics_compare(const double *ours, const double *theirs, size_t count, uint64_t seed)
    __attribute__((nonnull));

#endif
