/* The learned vectors of items: near each other when the same users take them.
 *
 * The trainer learns them from behaviour (training/learn/vectors.h) and with them a linear map from texts
 * into the same space, by which a new or changed item gets a vector at once. Pure; owns nothing. */
#ifndef PALATE_ENGINE_ITEM_VECTOR_H
#define PALATE_ENGINE_ITEM_VECTOR_H

#include "engine/item.h"

struct model;

/* What the text of an item says: text is text_vector_compute()'s vector, and vector where it lies among the
 * learned ones, normalised, or all zero when it has no text. Where the model's map is empty (nothing was learned
 * from behaviour), or model is NULL, both are the same; then the vectors of the model are such vectors, too. */
void item_vector_from_text(const struct model *model, const struct engine_item *item,
                           float text[ENGINE_VECTOR_SIZE], float vector[ENGINE_VECTOR_SIZE])
    __attribute__((nonnull(2, 3, 4)));

/* The same for a map (ITEM_VECTOR_FEATURES x ENGINE_VECTOR_SIZE) and an item's features. */
void item_vector_map(const float *map, const float features[ITEM_VECTOR_FEATURES],
                     float vector[ENGINE_VECTOR_SIZE]) __attribute__((nonnull));

/* To length 1; zeros when it is not finite or has no length. */
void item_vector_normalise(float vector[ENGINE_VECTOR_SIZE]) __attribute__((nonnull));

#endif
