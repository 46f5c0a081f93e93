/* Ridge regression of each item on the others; see member.h. Private to the trainer. */
#ifndef PALATE_TRAINING_LEARN_RIDGE_H
#define PALATE_TRAINING_LEARN_RIDGE_H

#include "training/learn/member.h"

enum {
    RIDGE_EXACT_MAX = 6000,  /* items with events, up to which the whole matrix is inverted */
    RIDGE_NEIGHBOURS = 100,  /* beyond that: of each item, by the gram member */
    RIDGE_STRENGTHS_MAX = 4, /* computed at once */
};

/* Fills rows[0..count-1], which the caller releases, one set for each strength: signed rows by source. The
 * neighbours are those of members' gram. */
void ridge_compute(const struct members *members, const double *strengths, size_t count,
                   struct trainer_steps *steps, struct sparse_rows *rows) __attribute__((nonnull));

#endif
