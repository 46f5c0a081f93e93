/* The gram member's rows as the model stores them: sharpened, cut to the strongest, levelled. Private to the
 * trainer. */
#ifndef PALATE_TRAINING_LEARN_GRAM_H
#define PALATE_TRAINING_LEARN_GRAM_H

#include "training/learn/member.h"

/* Fills rows (the caller releases them) with the width strongest entries of each item's gram row, each to the
 * power gram_power, and divides each row by its sum to the power gram_level (Paudel et al. 2017 do so with
 * 1). members must not have gram rows yet. */
void gram_compute(const struct members *members, size_t width, struct trainer_steps *steps,
                  struct sparse_rows *rows) __attribute__((nonnull));

#endif
