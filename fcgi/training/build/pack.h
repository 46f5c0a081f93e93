/* The forms in which a model file holds rows and columns; see engine/model_format.h.
 *
 * Owns what it makes until the release. Does not write files. */
#ifndef PALATE_TRAINING_BUILD_PACK_H
#define PALATE_TRAINING_BUILD_PACK_H

#include "training/internal.h"

struct packed_rows {
    uint64_t *starts; /* items + 1, in words */
    uint32_t *words;
};

/* Weights that are not finite are taken as 0. */
void packed_rows_create(struct packed_rows *packed, const struct trained_rows *rows, uint32_t items)
    __attribute__((nonnull));
void packed_rows_release(struct packed_rows *packed) __attribute__((nonnull));

/* The columns with their values in the order of the file, and the items by value. */
struct packed_columns {
    uint32_t *value_texts; /* in trainer.texts */
    double *value_numbers; /* as many */
    uint32_t *codes;       /* trained.code_count */
    uint64_t *item_starts; /* values + 1 */
    uint32_t *items;       /* item_starts[values] */
};

void packed_columns_create(struct packed_columns *packed, const struct trainer *trainer)
    __attribute__((nonnull));
void packed_columns_release(struct packed_columns *packed) __attribute__((nonnull));

#endif
