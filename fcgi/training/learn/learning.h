/* What a learner looks at: who had to do with what, how much and when; for all events or a part of them.
 *
 * Private to the trainer. Items are counted by rank (the model's order). */
#ifndef PALATE_TRAINING_LEARN_LEARNING_H
#define PALATE_TRAINING_LEARN_LEARNING_H

#include "training/internal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEARNING_USER_ITEMS_MAX = 500 /* the newest; the work for a user grows with the square of it */ };

/* An interaction is one user and one item, all their events joined. 26 bytes each. */
struct learning {
    uint32_t user_count;
    uint32_t item_count;
    int64_t reference;     /* the newest event's time */
    size_t *user_starts;   /* user_count + 1: into the next four, a user's interactions the oldest first */
    uint32_t *items;       /* each item once a user */
    uint32_t *ages;        /* seconds from the newest event of the two to reference, at most 136 years */
    float *bases;          /* 0..1: sqrt(sum of weights / the greatest weight of any event), at most 1 */
    float *strengths;      /* bases decayed with time */
    size_t *item_starts;   /* item_count + 1: into the next three */
    uint32_t *item_users;  /* by item */
    uint16_t *item_places; /* the place among the user's interactions, from 0 */
    float *item_strengths; /* as strengths */
    float *user_degrees;   /* sums of strengths, at least 1 */
    float *item_degrees;
    uint32_t *item_counts;
};

/* The number of interactions. */
static inline size_t learning_size(const struct learning *learning)
{
    return learning->user_starts[learning->user_count];
}

/* Days that an interaction is old. */
static inline double learning_age(const struct learning *learning, size_t place)
{
    return (double)learning->ages[place] / 86400;
}

/* The events for which leave_out (by place in trainer.events; NULL: none) is false. half_life in days, 0 is
 * no decay. Release it. */
struct learning *learning_create(const struct trainer *trainer, const bool *leave_out, double half_life)
    __attribute__((nonnull(1), returns_nonnull, warn_unused_result));
void learning_destroy(struct learning *learning); /* NULL is fine */

/* Computes the decayed strengths again. */
void learning_decay(struct learning *learning, double half_life) __attribute__((nonnull));

#endif
