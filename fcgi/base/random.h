/* Unpredictable bytes from the kernel: for keys, secrets and ids. Never for ranking. */
#ifndef PALATE_BASE_RANDOM_H
#define PALATE_BASE_RANDOM_H

#include <stddef.h>

enum { UUID_TEXT_SIZE = 37 };

/* Fills bytes; ends the process when the kernel has none to give, which a booted machine never does. */
void random_fill(void *bytes, size_t length) __attribute__((nonnull));

/* The same behind the present second, for keys of an index: made one after the other they lie side by side
 * there, and not each on another page. length is at least RANDOM_SECOND_BYTES. */
enum { RANDOM_SECOND_BYTES = 4 };
void random_fill_in_order(unsigned char *bytes, size_t length) __attribute__((nonnull));

/* A version 4 UUID in lower case (RFC 9562). */
void random_uuid(char out[UUID_TEXT_SIZE]) __attribute__((nonnull));

#endif
