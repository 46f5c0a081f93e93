/* Keys of one URL in a directory that the workers of a machine share: one document, and one turn at fetching
 * it. Who may write the directory may choose the keys, so it belongs to the workers' user alone. */
#ifndef PALATE_TOKEN_KEY_CACHE_H
#define PALATE_TOKEN_KEY_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct key_cache;

/* Two files in the folder, named by a hash of the URL: .json and .lock. */
struct key_cache *key_cache_create(const char *folder, const char *url)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* NULL is fine. */
void key_cache_destroy(struct key_cache *cache);

/* The document, when it was fetched after that moment and not in the future; release with memory_free().
 * NULL: there is none. */
char *key_cache_read(const struct key_cache *cache, int64_t after, int64_t now, int64_t *fetched_at)
    __attribute__((nonnull, warn_unused_result));

/* Stores a document that is valid JSON. A failure is logged. */
void key_cache_write(const struct key_cache *cache, const char *bytes, size_t length, int64_t now)
    __attribute__((nonnull));

/* Whether it is this worker's turn to fetch: no worker of the machine has fetched, or tried to, for so many
 * seconds, and none is fetching; where one is, its end is waited for, but at most so many milliseconds.
 * Returns what key_cache_end_turn() takes, KEY_TURN_OTHERS when another worker is or was at it, or
 * KEY_TURN_BROKEN when the folder cannot be written, which is logged. */
enum { KEY_TURN_OTHERS = -1, KEY_TURN_BROKEN = -2 };
int key_cache_take_turn(const struct key_cache *cache, int64_t now, int64_t seconds, int64_t milliseconds)
    __attribute__((nonnull, warn_unused_result));
void key_cache_end_turn(int turn);

#endif
