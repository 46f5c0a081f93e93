/* A small vector of an item's words, so that an item without any event can be compared by content.
 *
 * Used by the trainer and for items that changed since: both must give the same vector for the same item.
 * Owns nothing; pure and deterministic: integer hashes, and only correctly rounded float operations. */
#ifndef PALATE_ENGINE_TEXT_VECTOR_H
#define PALATE_ENGINE_TEXT_VECTOR_H

#include "engine/item.h"

/* Fills vector with the item's features: words, and character trigrams of words, of the name (counted
 * twice), the description and the fields that are not numeric; field words also once with their path, so
 * that colour "orange" and taste "orange" differ. Words are those of search_words.h: folded, without markup.
 * Signed feature hashing of the square roots of the counts, then L2-normalised. All zero when the item has no
 * such text. The work for very long texts is bounded: of each only the first few thousand words count. */
void text_vector_compute(const struct engine_item *item, float vector[ENGINE_VECTOR_SIZE])
    __attribute__((nonnull));

/* The same in another number of dimensions, at most TEXT_VECTOR_DIMENSIONS_MAX. */
void text_vector_hash(const struct engine_item *item, float *vector, int dimensions) __attribute__((nonnull));

/* Both at once, for less than twice the price. vector or more may be NULL. */
void text_vector_hash_both(const struct engine_item *item, float *vector, float *more, int dimensions)
    __attribute__((nonnull(1)));

/* The product of two vectors: their cosine, -1..1, when both are normalised. 0 if it is not finite. */
float text_vector_cosine(const float left[ENGINE_VECTOR_SIZE], const float right[ENGINE_VECTOR_SIZE])
    __attribute__((nonnull, pure));

enum { TEXT_VECTOR_DIMENSIONS_MAX = 1024 };

#endif
