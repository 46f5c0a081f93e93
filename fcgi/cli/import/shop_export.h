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
 * are taken out but for "~parent". now: Unix ms, for the dates of sales. Texts and JSON live in the arena. */
enum shop_row shop_export_shape(enum shop_format format, int64_t now, struct arena *arena,
                                struct record *record) __attribute__((nonnull));

/* Whether a part belongs to an item. */
bool shop_export_is_part_of(enum shop_format format, const struct record *item, const struct record *part)
    __attribute__((nonnull, warn_unused_result));

/* What a part adds to its product: the lowest price, and whether any can be bought. Nothing where it is not active. */
struct shop_part {
    const char *price; /* as it stands; NULL: none */
    bool knows_stock, in_stock;
};
struct shop_part shop_export_part(const struct record *row) __attribute__((nonnull, warn_unused_result));
void shop_export_add_part(struct record *item, struct arena *arena, const struct shop_part *part)
    __attribute__((nonnull));

/* The name that a part goes by: its product's (Magento: its own); and the names that the parts of an item go by, in the
 * arena. Of the other systems parts follow their product, and these have none. */
enum { SHOP_PART_KEYS = 256 };
const char *shop_export_part_key(enum shop_format format, const struct record *row)
    __attribute__((nonnull, warn_unused_result));
size_t shop_export_keys_of_parts(enum shop_format format, struct arena *arena, const struct record *item,
                                 const char *keys[SHOP_PART_KEYS])
    __attribute__((nonnull, warn_unused_result));

#endif
