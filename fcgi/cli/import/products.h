/* Products of a shop system's export, whose rows may be parts of one: each as one record. */
#ifndef PALATE_CLI_IMPORT_PRODUCTS_H
#define PALATE_CLI_IMPORT_PRODUCTS_H

#include "cli/import/shop_export.h"

struct products;

/* now: Unix ms, for the dates of sales. */
struct products *products_create(enum shop_format format, int64_t now)
    __attribute__((returns_nonnull, warn_unused_result));
/* NULL is fine. */
void products_destroy(struct products *products);

/* Notes a row of a first reading, which sees parts wherever they stand: products then have what theirs add. Without one
 * they have that of the parts that follow them. */
void products_note(struct products *products, const struct record *row) __attribute__((nonnull));

/* Takes the next row of the table. True when with it the product before is complete, which *record is set to then;
 * its values live until the next call. */
bool products_take(struct products *products, const struct record *row, struct record *record)
    __attribute__((nonnull, warn_unused_result));

/* The last product, behind the last row; false when there is none (any more). */
bool products_end(struct products *products, struct record *record)
    __attribute__((nonnull, warn_unused_result));

/* Rows that were parts of products, and so no items of their own. */
uint64_t products_part_count(const struct products *products) __attribute__((nonnull));

#endif
