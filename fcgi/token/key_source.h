/* Where the keys of a foreign identity provider come from, a file or a URL, and when they are read again.
 *
 * A file is read again when it has changed. A URL is asked again after an hour, and for a key that is not in
 * the set, in either case at most once a minute; while it cannot be reached the old keys count for another
 * day. With a cache directory the workers of a machine share one answer, and one minute. What the keys
 * verify is claims.h's matter. */
#ifndef PALATE_TOKEN_KEY_SOURCE_H
#define PALATE_TOKEN_KEY_SOURCE_H

#include "token/jwks.h"

#include <stdint.h>

enum {
    KEYS_FRESH_SECONDS = 3600,
    KEYS_STALE_SECONDS = 86400 + KEYS_FRESH_SECONDS,
    KEYS_RETRY_SECONDS = 60,
    KEYS_FETCH_MS = 3000, /* a request waits for it */
};

struct key_source;

struct key_place {
    const char *file, *url;   /* one of them, the other is NULL */
    bool local_http;          /* see remote/fetch.h */
    const char *cache_folder; /* "": none */
};

/* Remembers copies of the texts; reads nothing yet. */
struct key_source *key_source_create(const struct key_place *place)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The file that they come from; NULL: a URL. */
const char *key_source_file(const struct key_source *source) __attribute__((nonnull));

/* NULL is fine. */
void key_source_destroy(struct key_source *source);

/* The key (see jwks_find) as of now, in Unix seconds; NULL: there is none. May take KEYS_FETCH_MS. Valid
 * until the next call. What goes wrong is logged. */
const struct jwk *key_source_find(struct key_source *source, const char *kid, enum token_algorithm algorithm,
                                  int64_t now) __attribute__((nonnull(1), warn_unused_result));

/* A number that changes whenever the keys do; looks for changes as key_source_find() does. */
uint64_t key_source_generation(struct key_source *source, int64_t now)
    __attribute__((nonnull, warn_unused_result));

#endif
