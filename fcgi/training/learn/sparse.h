/* Rows while they are made: one dense working row, and finished sparse rows.
 *
 * Private to the trainer. */
#ifndef PALATE_TRAINING_LEARN_SPARSE_H
#define PALATE_TRAINING_LEARN_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A dense row and which places of it are in use. One per thread. */
struct working_row {
    float *values;
    bool *used;
    uint32_t *items; /* the places in use, in order of first use */
    size_t count;
    struct weighted_item *best; /* room for sorting */
};

struct weighted_item {
    float weight;
    uint32_t item;
};

void working_row_create(struct working_row *row, uint32_t item_count) __attribute__((nonnull));
void working_row_release(struct working_row *row) __attribute__((nonnull));
void working_row_clear(struct working_row *row) __attribute__((nonnull));

/* Puts all items in use, so that values may be added to without working_row_add(). */
void working_row_use_all(struct working_row *row, uint32_t item_count) __attribute__((nonnull));

static inline void working_row_add(struct working_row *row, uint32_t item, float value)
{
    if (!row->used[item]) {
        row->used[item] = true;
        row->items[row->count++] = item;
    }
    row->values[item] += value;
}

/* Puts what is not 0 into best[]: the limit greatest by absolute value, sorted so, then by rising item. With
 * positive, only values above 0. Their number. */
size_t working_row_best(struct working_row *row, size_t limit, bool positive) __attribute__((nonnull));

/* Rows of at most some length, in one block. */
struct sparse_rows {
    uint32_t item_count;
    size_t width;   /* the room for each item's row; the greatest where there are starts */
    size_t *starts; /* where each item's room begins, item_count + 1; NULL: item x width */
    uint32_t *lengths;
    struct weighted_item *entries;
};

static inline struct weighted_item *sparse_rows_of(const struct sparse_rows *rows, uint32_t item)
{
    return rows->entries + (rows->starts ? rows->starts[item] : item * rows->width);
}

static inline size_t sparse_rows_capacity(const struct sparse_rows *rows, uint32_t item)
{
    return rows->starts ? rows->starts[item + 1] - rows->starts[item] : rows->width;
}

/* Room for width entries of each item, no row stored yet. sparse_rows_release() frees it. */
void sparse_rows_create(struct sparse_rows *rows, uint32_t item_count, size_t width) __attribute__((nonnull));
/* Room of its own for each item: starts (item_count + 1) becomes the rows'. */
void sparse_rows_create_uneven(struct sparse_rows *rows, uint32_t item_count, size_t *starts)
    __attribute__((nonnull));
void sparse_rows_release(struct sparse_rows *rows) __attribute__((nonnull));

/* Stores the row's best as the item's row. With factors (by item, > 0), the best are those times the factors;
 * stored are the plain values, in the order of the former: sort them where that matters. */
void sparse_rows_store(struct sparse_rows *rows, uint32_t item, struct working_row *row, const float *factors)
    __attribute__((nonnull(1, 3)));

/* By falling absolute weight, then rising item. */
void sparse_rows_sort(struct sparse_rows *rows, uint32_t item) __attribute__((nonnull));

#endif
