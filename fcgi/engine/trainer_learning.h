/* What a learner looks at: who had to do with what, how much and when; for all events or a part of them.
 *
 * Private to the trainer. Items are counted by rank (the model's order). */
#ifndef PALATE_ENGINE_TRAINER_LEARNING_H
#define PALATE_ENGINE_TRAINER_LEARNING_H

#include "engine/trainer_internal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEARNING_USER_ITEMS_MAX = 500 /* the newest; the work for a user grows with the square of it */ };

/* One user and one item, all their events joined. */
struct interaction {
    uint32_t item;
    float strength; /* 0..1: sqrt(sum of weights / the greatest weight of any event), at most 1 */
    int64_t time;   /* of the newest event */
    size_t event;   /* its place in trainer.events: the order of arrival */
};

struct learning {
    uint32_t user_count;
    uint32_t item_count;
    int64_t reference;             /* the newest event's time */
    size_t *user_starts;           /* user_count + 1 */
    struct interaction *sequences; /* by user, oldest first, each item once */
    float *strengths;              /* as in sequences, but decayed with time */
    uint32_t *items;               /* as in sequences, close together for speed */
    size_t *item_starts;           /* item_count + 1 */
    uint32_t *item_users;          /* by item */
    uint32_t *item_places;         /* by item: the place in sequences, counted from the user's first */
    float *item_strengths;         /* by item: as strengths */
    float *user_degrees;           /* sums of strengths, at least 1 */
    float *item_degrees;
    uint32_t *item_counts;
};

/* The events for which leave_out (by place in trainer.events; NULL: none) is false. half_life in days, 0 is
 * no decay. Release it. */
struct learning *learning_create(const struct trainer *trainer, const bool *leave_out, double half_life)
    __attribute__((nonnull(1), returns_nonnull, warn_unused_result));
void learning_destroy(struct learning *learning); /* NULL is fine */

/* Computes the decayed strengths anew. */
void learning_decay(struct learning *learning, double half_life) __attribute__((nonnull));

#endif
