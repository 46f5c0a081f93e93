/* Unpredictable bytes from the kernel: for keys, secrets and ids. Never for ranking. */
#ifndef PALATE_BASE_RANDOM_H
#define PALATE_BASE_RANDOM_H

#include <stddef.h>

enum { UUID_TEXT_SIZE = 37 };

/* Fills bytes; ends the process when the kernel has none to give, which a booted machine never does. */
void random_fill(void *bytes, size_t length) __attribute__((nonnull));

/* A version 4 UUID in lower case (RFC 9562). */
void random_uuid(char out[UUID_TEXT_SIZE]) __attribute__((nonnull));

#endif
