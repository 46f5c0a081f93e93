/* Decimal numbers as texts: one spelling for each number, their exact order, and prices as people write them.
 * Pure. */
#ifndef PALATE_BASE_DECIMAL_H
#define PALATE_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text is a number as JSON writes it without an exponent: 7, -3.50, 0.5; but not 007, 5., .5, +1, 5E2. */
bool decimal_is_plain(const char *text) __attribute__((nonnull, pure, warn_unused_result));

/* The one spelling of such a number, in place: no zeros behind a fraction, no -0. 10.50 becomes 10.5, 10.0 becomes
 * 10. Exact at any length. */
void decimal_normalize(char *plain) __attribute__((nonnull));

/* The order of two numbers, below, at or above 0, given as texts and their values as double: exact where both texts
 * are whole numbers, which a double tells apart only up to 2^53; else that of the doubles, none of which is NAN. */
int decimal_compare(const char *left, double left_value, const char *right, double right_value)
    __attribute__((nonnull(1, 3), pure, warn_unused_result));

/* The number that a text is, by the rule that the essay in decimal.c tells: 9.99, "9,99", "1.234,50 €", "EUR
 * 1'234.50". False for every other text, with *amount left alone. */
bool decimal_parse_amount(const char *text, double *amount) __attribute__((nonnull, warn_unused_result));

#endif
