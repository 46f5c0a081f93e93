/* Keys from a file or a URL; see key_source.h.
 *
 * The problem: providers change their keys without notice, a request waits while they are fetched, and every
 * worker would fetch them. A token with an unknown kid may be of a new key, or of somebody who makes up kids
 * to make us fetch. So:
 *
 * - keys are fresh for an hour; then, or for a kid that is not there, they are fetched again, but at most
 * once a minute, whether that succeeds or not, so made-up kids cost one exchange a minute;
 * - while the provider cannot be reached the old keys count for another day: its outage should not be ours,
 *   and a key that was withdrawn because it leaked is still refused the day after;
 * - with a cache folder (key_cache.h) one worker fetches and the others read what it has stored.
 *
 * Every change of the set raises a generation, by which remembered tokens notice that what proved them may be
 * gone. A file is simpler: it is looked at with stat() and read again when it is another file or has another
 * time. Its keys never get stale, since the operator put them there. */
#include "token/key_source.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/read_file.h"
#include "remote/fetch.h"
#include "token/key_cache.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct key_source {
    char *file, *url; /* one of them */
    bool local_http;
    struct key_cache *cache; /* NULL: none */
    struct jwks *keys;       /* NULL: none yet, or none any more */
    uint64_t generation;
    int64_t fetched_at;   /* the keys, from the URL */
    int64_t attempted_at; /* by this worker; 0: never */
    struct stat seen;     /* of the file when it was read */
};

struct key_source *key_source_create(const struct key_place *place)
{
    struct key_source *source = memory_alloc(1, sizeof(*source));
    source->local_http = place->local_http;
    if (place->file)
        source->file = memory_copy_text(place->file);
    if (place->url)
        source->url = memory_copy_text(place->url);
    if (place->url && *place->cache_folder)
        source->cache = key_cache_create(place->cache_folder, place->url);
    return source;
}

const char *key_source_file(const struct key_source *source)
{
    return source->file;
}

void key_source_destroy(struct key_source *source)
{
    if (!source)
        return;
    jwks_free(source->keys);
    key_cache_destroy(source->cache);
    memory_free(source->file);
    memory_free(source->url);
    memory_free(source);
}

static const char *name_of(const struct key_source *source)
{
    return source->file ? source->file : source->url;
}

/* Takes the keys in the bytes; those before go on counting when there are none. */
static bool adopt_keys(struct key_source *source, const char *bytes, size_t length)
{
    const char *problem;
    struct jwks *keys = jwks_parse(bytes, length, &problem);
    if (!keys) {
        log_line("palate: keys of %s: the document is %s", name_of(source), problem);
        return false;
    }
    jwks_free(source->keys);
    source->keys = keys;
    source->generation++;
    return true;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The status is taken before the bytes: a file that changes in between is read again at the next look. One
 * that cannot be read is looked at as "all zero", so its trouble is logged once and not with every request.
 */
static void refresh_file(struct key_source *source)
{
    struct stat status;
    char problem[400];
    size_t length;
    if (stat(source->file, &status))
        memset(&status, 0, sizeof(status));
    if (source->generation && is_same_file(&status, &source->seen))
        return;
    source->seen = status;
    char *bytes = read_file(source->file, LIMIT_JWKS_BYTES, &length, problem, sizeof(problem));
    if (!bytes)
        log_line("palate: keys of an identity provider: %s", problem);
    else
        adopt_keys(source, bytes, length);
    memory_free(bytes);
    source->generation += !source->generation;
}

/* What another worker may have fetched in the meantime. */
static bool refresh_from_cache(struct key_source *source, int64_t now)
{
    int64_t fetched_at;
    if (!source->cache)
        return false;
    char *bytes = key_cache_read(source->cache, source->keys ? source->fetched_at : 0, now, &fetched_at);
    bool adopted = bytes && adopt_keys(source, bytes, strlen(bytes));
    if (adopted)
        source->fetched_at = fetched_at;
    memory_free(bytes);
    return adopted;
}

static void fetch_keys(struct key_source *source, int64_t now)
{
    char problem[200];
    size_t length;
    char *bytes = fetch_document(source->url, source->local_http, LIMIT_JWKS_BYTES, KEYS_FETCH_MS, &length,
                                 problem, sizeof(problem));
    if (!bytes)
        log_line("palate: keys of %s: %s", source->url, problem);
    else if (adopt_keys(source, bytes, length)) {
        source->fetched_at = now;
        if (source->cache)
            key_cache_write(source->cache, bytes, length, now);
    }
    memory_free(bytes);
}

static bool was_lately(int64_t then, int64_t now, int64_t seconds)
{
    return then && now >= then && now - then < seconds;
}

static void refresh_url(struct key_source *source, int64_t now, bool wanted)
{
    if (source->keys && !wanted && was_lately(source->fetched_at, now, KEYS_FRESH_SECONDS))
        return;
    if (refresh_from_cache(source, now) &&
        (wanted || was_lately(source->fetched_at, now, KEYS_FRESH_SECONDS)))
        return;
    if (was_lately(source->attempted_at, now, KEYS_RETRY_SECONDS))
        return;
    int turn = KEY_TURN_BROKEN;
    if (source->cache)
        turn = key_cache_take_turn(source->cache, now, KEYS_RETRY_SECONDS, source->keys ? 0 : KEYS_FETCH_MS);
    if (turn == KEY_TURN_OTHERS) {
        refresh_from_cache(source, now);
        return;
    }
    source->attempted_at = now;
    fetch_keys(source, now);
    key_cache_end_turn(turn);
}

static void forget_stale_keys(struct key_source *source, int64_t now)
{
    if (!source->keys || was_lately(source->fetched_at, now, KEYS_STALE_SECONDS))
        return;
    log_line("palate: keys of %s: they are too old to be trusted any longer", source->url);
    jwks_free(source->keys);
    source->keys = NULL;
    source->generation++;
}

/* wanted: for a key that the set has not. */
static void refresh_keys(struct key_source *source, int64_t now, bool wanted)
{
    if (source->file) {
        refresh_file(source);
        return;
    }
    refresh_url(source, now, wanted);
    forget_stale_keys(source, now);
}

const struct jwk *key_source_find(struct key_source *source, const char *kid, enum token_algorithm algorithm,
                                  int64_t now)
{
    refresh_keys(source, now, false);
    const struct jwk *key = jwks_find(source->keys, kid, algorithm);
    if (key || source->file)
        return key;
    refresh_keys(source, now, true);
    return jwks_find(source->keys, kid, algorithm);
}

uint64_t key_source_generation(struct key_source *source, int64_t now)
{
    refresh_keys(source, now, false);
    return source->generation;
}
