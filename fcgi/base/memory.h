/* Heap memory that cannot fail: the only place that calls malloc.
 *
 * Every input has a limit (limits.h), so running out of memory is a fault of the machine, not of a
 * request. The process then says so and ends with status 70; the web server answers 500 and MariaDB
 * rolls the open transaction back, which is the same as for a worker killed from outside. */
#ifndef PALATE_BASE_MEMORY_H
#define PALATE_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory for count objects of size bytes; release with memory_free(). Never NULL.
 * The product is checked for overflow. */
void *memory_alloc(size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* Like realloc() for count objects of size bytes; what is added is not zeroed. Never NULL. */
void *memory_resize(void *pointer, size_t count, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));

/* A copy of a string, or of its first length bytes with a zero behind; release with memory_free(). */
char *memory_copy_text(const char *text) __attribute__((nonnull, returns_nonnull, warn_unused_result));
char *memory_copy_bytes(const char *bytes, size_t length)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The same, not zeroed: for asking whether so much is there. */
void *memory_reserve(size_t bytes) __attribute__((returns_nonnull, warn_unused_result));

/* NULL is fine. */
void memory_free(void *pointer);

/* For a process that does much the same again and again: up to so many freed bytes at the end of the heap
 * stay its own, instead of going back to the system and being asked for again with the next request. */
void memory_keep_freed(int bytes);

/* Lets the system have what is freed and lies between what is not; takes some milliseconds. After much was freed at
 * once. */
void memory_trim(void);

/* Says on stderr that memory has run out and ends the process with status 70. */
void memory_exhausted(void) __attribute__((noreturn));

#endif
