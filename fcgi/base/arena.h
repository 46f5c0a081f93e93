/* An arena: memory that lives as long as one request and is released in one place.
 *
 * Objects of other libraries (json-c, MariaDB results) join it through arena_defer(), so nothing on a
 * request's path needs a paired free. Learned from h2o's memory pools.
 * Not thread safe. Running out of memory ends the process (memory.h). */
#ifndef PALATE_BASE_ARENA_H
#define PALATE_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* The caller owns the arena and ends it with arena_destroy(). */
struct arena *arena_create(void) __attribute__((returns_nonnull, warn_unused_result));

/* The same for a table of which there may be hundreds, most of them small: begins with so many bytes, and takes
 * more each time that it needs more, up to the usual piece. */
struct arena *arena_create_small(size_t bytes) __attribute__((returns_nonnull, warn_unused_result));

/* Runs what was deferred, then frees everything. NULL is fine. */
void arena_destroy(struct arena *arena);

/* Runs what was deferred, newest first, and forgets every allocation. Keeps one block for the next
 * request, so that a worker's memory is flat. */
void arena_reset(struct arena *arena) __attribute__((nonnull));

/* Zeroed memory for count objects of size bytes, aligned for any type; valid until the reset. Never NULL. */
void *arena_alloc(struct arena *arena, size_t count, size_t size)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* Copies with a zero behind. */
char *arena_copy_text(struct arena *arena, const char *text)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t length)
    __attribute__((nonnull(1), returns_nonnull, warn_unused_result));

/* Text made by a printf format. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull, returns_nonnull, warn_unused_result));

/* Calls release(object) at the reset. */
void arena_defer(struct arena *arena, void (*release)(void *object), void *object)
    __attribute__((nonnull(1, 2)));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena) __attribute__((nonnull));

#endif
