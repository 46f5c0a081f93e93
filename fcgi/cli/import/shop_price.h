/* What a product of a shop system's export costs: its sale price while the sale lasts, or the regular one. Pure. */
#ifndef PALATE_CLI_IMPORT_SHOP_PRICE_H
#define PALATE_CLI_IMPORT_SHOP_PRICE_H

#include <stdbool.h>
#include <stdint.h>

/* When a sale price counts, each as the system writes it; NULL, or what is no time: no bound. */
struct shop_sale {
    const char *from, *to;
    const char *dates; /* both with a slash between; goes before the others */
};

/* Whether a sale lasts at a moment (Unix ms). A day without a time lasts to its end. */
bool shop_price_is_sale(const struct shop_sale *sale, int64_t now)
    __attribute__((nonnull, warn_unused_result));

/* A moment as exports write it: ISO 8601 and what is like it, or "1/31/24, 1:20 PM", "1/31/24". */
bool shop_price_moment(const char *text, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));

/* The code of a currency before or behind an amount ("9.99 EUR", "EUR9.99"), as three letters and a zero. */
bool shop_price_currency(const char *price, char code[static 4]) __attribute__((nonnull, warn_unused_result));

#endif
