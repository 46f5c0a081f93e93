/* How often items occur together, for all pairs that matter, so that small dense systems can look them up.
 *
 * For data so large that counting for each system would take hours. Of each item the strongest
 * COOCCURRENCE_MAX pairs are kept; a pair is known when either of its items kept it. Private to the
 * trainer. */
#ifndef PALATE_TRAINING_LEARN_COOCCURRENCE_H
#define PALATE_TRAINING_LEARN_COOCCURRENCE_H

#include "training/learn/learning.h"
#include "training/slices/steps.h"

enum { COOCCURRENCE_MAX = 500 };

struct cooccurrence;

/* Whether there is so much to count that it pays. */
bool cooccurrence_is_worth_it(const struct learning *learning) __attribute__((nonnull, warn_unused_result));

/* Sums of strength x strength x user_scales over all users. */
struct cooccurrence *cooccurrence_create(const struct learning *learning, const float *user_scales,
                                         struct trainer_steps *steps)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void cooccurrence_destroy(struct cooccurrence *pairs); /* NULL is fine */

/* Adds the sums of count items to a matrix (count x count) of zeros. places[item] is an item's row, negative
 * for all others. */
void cooccurrence_fill(const struct cooccurrence *pairs, const uint32_t *items, size_t count,
                       const int16_t *places, float *matrix) __attribute__((nonnull));

#endif
