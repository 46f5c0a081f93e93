/* Gives each distinct text a number: 0, 1, 2 ... in the order of arrival.
 *
 * Owns copies of the texts, in one arena, and the hash table. Nothing is ever removed. Texts hold no zero
 * byte. Not thread safe. */
#ifndef PALATE_ENGINE_INTERN_H
#define PALATE_ENGINE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intern;

struct intern *intern_create(void) __attribute__((returns_nonnull, warn_unused_result));
void intern_destroy(struct intern *intern); /* NULL is fine */

/* The number of the text, which is added when it is new. At most UINT32_MAX - 1 texts. */
uint32_t intern_add(struct intern *intern, const char *text) __attribute__((nonnull));

/* *number is set only when the text of length bytes is known. */
bool intern_find(const struct intern *intern, const char *text, size_t length, uint32_t *number)
    __attribute__((nonnull, warn_unused_result));

uint32_t intern_count(const struct intern *intern) __attribute__((nonnull, pure));

/* Valid until the end of the table. number must be below the count. */
const char *intern_text(const struct intern *intern, uint32_t number)
    __attribute__((nonnull, returns_nonnull));

size_t intern_bytes(const struct intern *intern) __attribute__((nonnull)); /* of heap */

#endif
