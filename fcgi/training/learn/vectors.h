/* The learned vectors of all items, and the map from texts to them; see engine/item_vector.h. Private to the
 * trainer.
 *
 * The vectors are the leading singular vectors of the user-item matrix D_u^-1/2 X D_i^-1/2 but the first,
 * which is only popularity, each times its singular value: by randomised subspace iteration (Halko,
 * Martinsson and Tropp, SIAM Review 2011), for a fixed number of rounds. The map is a ridge regression on the
 * items' hashed texts. An item of few events is drawn towards what its text says: by n / (n + 5). */
#ifndef PALATE_TRAINING_LEARN_VECTORS_H
#define PALATE_TRAINING_LEARN_VECTORS_H

#include "training/learn/learning.h"
#include "training/slices/steps.h"

/* Fills vectors (item_count x ENGINE_VECTOR_SIZE), not normalised. All zero, and false, when there is too
 * little to learn from. */
bool vectors_learn(const struct learning *learning, uint64_t seed, struct trainer_steps *steps,
                   float *vectors) __attribute__((nonnull, warn_unused_result));

/* Fills trainer->trained.item_vectors and .text_map. */
void trainer_build_vectors(struct trainer *trainer, const struct learning *learning) __attribute__((nonnull));

#endif
