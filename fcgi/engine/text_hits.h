/* The best hits of a search: exact ones first, then by score, equal ones by id. Owns nothing. */
#ifndef PALATE_ENGINE_TEXT_HITS_H
#define PALATE_ENGINE_TEXT_HITS_H

#include "engine/catalogue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_hit {
    uint32_t item;
    float score;   /* > 0, at most 1: the share of the query's weight that the item covers */
    bool is_exact; /* the query is the item's id or article number: score 1, and before all others */
};

/* Puts a hit into a heap of at most limit, in which there are count, and returns how many there are then: the
 * worst is on top, and what is worse than a full heap's top is lost. */
size_t text_hits_keep(const struct catalogue *catalogue, struct text_hit *heap, size_t count, size_t limit,
                      struct text_hit hit) __attribute__((nonnull, warn_unused_result));

/* Best first. */
void text_hits_sort(const struct catalogue *catalogue, struct text_hit *hits, size_t count)
    __attribute__((nonnull));

#endif
