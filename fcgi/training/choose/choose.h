/* Chooses the configuration on a held-out part of the events, and keeps the evidence.
 *
 * Coordinate search over small fixed grids. A change is made only when the users' differences speak for it
 * by more than their standard error, and among blend weights that do equally well the simpler is taken: a
 * held-out part can lie. Private to the trainer. */
#ifndef PALATE_TRAINING_CHOOSE_CHOOSE_H
#define PALATE_TRAINING_CHOOSE_CHOOSE_H

#include "training/choose/holdout.h"

/* Text that grows. */
struct evidence {
    char *text; /* terminated, NULL before the first line */
    size_t size, capacity;
};

/* content: rows of all items, or NULL. scales[m] is the usual good score of each member. */
struct configuration configuration_choose(const struct trainer *trainer, struct trainer_steps *steps,
                                          const struct sparse_rows *content, double scales[MEMBER__MAX],
                                          struct evidence *evidence) __attribute__((nonnull(1, 2, 4, 5)));

#endif
