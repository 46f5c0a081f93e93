/* Rows of shop systems' exports as items: what of them is a product, and what its values are. Pure. */
#ifndef PALATE_CLI_IMPORT_SHOP_EXPORT_H
#define PALATE_CLI_IMPORT_SHOP_EXPORT_H

#include "cli/import/record.h"
#include "cli/import/shop_columns.h"

enum shop_row {
    SHOP_ITEM, /* a product */
    SHOP_PART, /* a variant of one, or a further image or language: its parent's name is in values as "~parent" */
};

/* Makes an item's values of a row: derives active, price, category, in_stock and others from the '~' columns, which
 * are taken out but for "~parent". Texts and JSON live in the arena. */
enum shop_row shop_export_shape(enum shop_format format, struct arena *arena, struct record *record)
    __attribute__((nonnull));

/* Whether a part belongs to an item, and what it adds: the lowest price, and whether any can be bought. */
bool shop_export_join(enum shop_format format, struct record *item, const struct record *part)
    __attribute__((nonnull, warn_unused_result));

#endif
