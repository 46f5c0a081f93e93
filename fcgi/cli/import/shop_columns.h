/* Product exports of shop systems and catalogues of feeds: what their columns mean. Pure. */
#ifndef PALATE_CLI_IMPORT_SHOP_COLUMNS_H
#define PALATE_CLI_IMPORT_SHOP_COLUMNS_H

#include <stddef.h>

enum shop_format {
    SHOP_NONE, /* a table of somebody's own */
    SHOP_WOOCOMMERCE,
    SHOP_SHOPIFY,
    SHOP_PRESTASHOP,
    SHOP_MAGENTO,
    SHOP_MERCHANT, /* Google Merchant and Meta */
    SHOP__MAX
};

/* The format that a table's cleaned column names are those of. */
enum shop_format shop_export_recognize(const char *const *columns, size_t count)
    __attribute__((nonnull, pure, warn_unused_result));

/* "a WooCommerce export" */
const char *shop_export_name(enum shop_format format) __attribute__((returns_nonnull, const));

/* The key of metadata that a column whose name begins with '~' may give; NULL: none. */
const char *shop_export_key(const char *name) __attribute__((nonnull, pure, warn_unused_result));

/* Gives the columns the names that Palate has for them. A name that begins with '~' is for shop_export_shape(). */
void shop_export_name_columns(enum shop_format format, const char **columns, size_t count)
    __attribute__((nonnull));

#endif
