/* A weighted sum of many rows of the model: which takes most of an answer's time.
 *
 * Rows are packed (model_format.h), lie anywhere in the file and hit targets all over the catalogue. They are
 * read side by side, one stretch of the catalogue after the other, so that the sums being added to stay in
 * the processor's nearest cache. Each target's sum is made in the order in which the rows were given,
 * whatever the stretch, so that the same rows always give the same bits. Private to the engine. */
#ifndef PALATE_ENGINE_ROW_SUM_H
#define PALATE_ENGINE_ROW_SUM_H

#include "base/arena.h"
#include "engine/model.h"

struct row_sum {
    struct row_cursor {
        const uint32_t *word; /* the next entry */
        const uint32_t *end;
        uint32_t target; /* of the entry before; 0 at first */
        float factor;    /* weight of the row x its scale */
    } * rows;
    size_t count;
};

/* With room for so many rows. */
void row_sum_create(struct row_sum *sum, size_t room, struct arena *arena) __attribute__((nonnull));

/* A row without entries counts for nothing. */
void row_sum_add(struct row_sum *sum, struct model_row row, float weight) __attribute__((nonnull));

/* Sets sums of count items: of weight x row, over all rows. Once. In a damaged file a row ends where a target
 * is out of range. */
void row_sum_compute(struct row_sum *sum, uint32_t count, float *sums) __attribute__((nonnull));

/* What this row with this weight adds to the sum of target: the very number. */
float row_sum_share(const struct model_row *row, float weight, uint32_t target) __attribute__((nonnull));

#endif
