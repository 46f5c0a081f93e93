/* Likeness of items by their texts: cosine of hashed words, sqrt(tf) x idf. Private to the trainer. */
#ifndef PALATE_ENGINE_TRAINER_CONTENT_H
#define PALATE_ENGINE_TRAINER_CONTENT_H

#include "engine/trainer_member.h"

/* Fills rows (the caller releases them): for each item the width most alike, chosen by likeness times
 * content_share(kappa, users of the target), so that room is for items that need it; stored is the plain
 * likeness, 0..1. Words of names, descriptions and values that are not numeric count, the latter also with
 * their path; words that more than a tenth of the items have do not (but in small catalogues). */
void content_compute(const struct trainer *trainer, const struct learning *learning, double kappa,
                     size_t width, unsigned threads, struct sparse_rows *rows, trainer_progress *progress,
                     void *context) __attribute__((nonnull(1, 2, 6)));

#endif
