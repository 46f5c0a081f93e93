/* Keys and names that the operator gives: their rules, and keys made from names. */
#ifndef PALATE_CLI_IMPORT_KEY_TEXT_H
#define PALATE_CLI_IMPORT_KEY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { KEY_CHARACTERS = 64, KEY_SIZE = KEY_CHARACTERS + 1 };

/* "My Shop & Co." -> "my-shop-co": letters and digits of ASCII in lower case, everything else one hyphen
 * between them; cut to KEY_CHARACTERS. False when nothing is left. */
bool key_derive(const char *name, char key[KEY_SIZE]) __attribute__((nonnull, warn_unused_result));

/* 1 to KEY_CHARACTERS of a-z, 0-9 and hyphens. */
bool key_is_valid(const char *key) __attribute__((nonnull, warn_unused_result));

/* 1 to maximum characters of UTF-8 without control characters, and no space at either end (the database
 * compares texts without the spaces at their end). NULL when it is so, else what it must be, as a literal
 * that fits behind "must". */
const char *id_problem(const char *id, size_t maximum) __attribute__((nonnull, warn_unused_result));

#endif
