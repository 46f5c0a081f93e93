/* Likeness of items by their texts: cosine of hashed words, sqrt(tf) x idf. Private to the trainer. */
#ifndef PALATE_TRAINING_LEARN_CONTENT_H
#define PALATE_TRAINING_LEARN_CONTENT_H

#include "training/learn/member.h"

enum { CONTENT_ROW_MAX = 300 /* entries of a stored row */ };

/* Fills rows (the caller releases them): for each item the width most alike, chosen by likeness times
 * content_share(kappa, users[target]), so that room is for items that need it; stored is the plain
 * likeness, 0..1. Words of names, descriptions and values that are not numeric count, the latter also with
 * their path; words that more than a tenth of the items have do not (but in small catalogues). */
void content_compute(const struct trainer *trainer, const uint32_t *users, double kappa, size_t width,
                     struct trainer_steps *steps, struct sparse_rows *rows) __attribute__((nonnull));

#endif
