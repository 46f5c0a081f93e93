/* The shared cache of keys; see key_cache.h.
 *
 * The document is stored in an envelope {url, fetched_at, jwks}: the file's name is only a hash of the URL,
 * so the URL is compared again, and fetched_at says how fresh it is whatever happens to the file's times. It
 * is replaced as a whole (base/write_file.h); readers take no lock.
 *
 * The turn is a lock of the other file (flock), held while its owner fetches, and in it the moment of the
 * last turn. The kernel releases the lock of a worker that dies. Waiting is polling with a bound, since
 * flock() has no timeout and a request waits behind it; 20 ms is short against an exchange over TLS. */
#include "token/key_cache.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/read_file.h"
#include "base/text.h"
#include "base/write_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 1024, ENVELOPE_BYTES = 4096, NUMBER_SIZE = 24, POLL_MS = 20 };

struct key_cache {
    char *url;
    char document[PATH_SIZE], lock[PATH_SIZE];
};

struct key_cache *key_cache_create(const char *folder, const char *url)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char name[2 * EVP_MAX_MD_SIZE + 1];
    unsigned length = 0;
    struct key_cache *cache = memory_alloc(1, sizeof(*cache));
    if (!EVP_Digest(url, strlen(url), digest, &length, EVP_sha256(), NULL))
        memory_exhausted();
    text_encode_hex(digest, length, name);
    cache->url = memory_copy_text(url);
    snprintf(cache->document, sizeof(cache->document), "%.800s/%s.json", folder, name);
    snprintf(cache->lock, sizeof(cache->lock), "%.800s/%s.lock", folder, name);
    return cache;
}

void key_cache_destroy(struct key_cache *cache)
{
    if (!cache)
        return;
    memory_free(cache->url);
    memory_free(cache);
}

/* The set in the envelope {url, fetched_at, jwks}, if it is of this URL and new. */
static char *open_envelope(const struct key_cache *cache, struct json_object *envelope, int64_t after,
                           int64_t now, int64_t *fetched_at)
{
    if (!json_object_is_type(envelope, json_type_object))
        return NULL;
    struct json_object *url = json_member(envelope, "url"), *when = json_member(envelope, "fetched_at");
    struct json_object *set = json_member(envelope, "jwks");
    if (!json_object_is_type(url, json_type_string) || strcmp(json_object_get_string(url), cache->url) ||
        !json_object_is_type(when, json_type_int) || !set)
        return NULL;
    *fetched_at = json_object_get_int64(when);
    return *fetched_at > after && *fetched_at <= now ? memory_copy_text(json_text(set)) : NULL;
}

char *key_cache_read(const struct key_cache *cache, int64_t after, int64_t now, int64_t *fetched_at)
{
    char problem[PATH_SIZE + 200], *set = NULL;
    const char *ignored;
    size_t length;
    struct json_object *envelope = NULL;
    /* A set grows when it is written again, by escapes for instance. */
    char *bytes =
        read_file(cache->document, 2 * LIMIT_JWKS_BYTES + ENVELOPE_BYTES, &length, problem, sizeof(problem));
    if (bytes && json_parse(bytes, length, &envelope, &ignored))
        set = open_envelope(cache, envelope, after, now, fetched_at);
    json_object_put(envelope);
    memory_free(bytes);
    return set;
}

/* 0 or an errno. */
static int replace_document(const char *path, const char *text)
{
    struct write_file file;
    int error = write_file_begin(&file, path);
    if (error)
        return error;
    if (write_fully(file.descriptor, text, strlen(text)))
        return write_file_commit(&file, 0640);
    error = errno;
    write_file_abandon(&file);
    return error;
}

void key_cache_write(const struct key_cache *cache, const char *bytes, size_t length, int64_t now)
{
    const char *problem;
    struct json_object *set = NULL;
    if (!json_parse(bytes, length, &set, &problem))
        return;
    struct arena *arena = arena_create();
    struct json_writer *envelope = json_writer_create(arena);
    json_writer_object(envelope, NULL);
    json_writer_text(envelope, "url", cache->url);
    json_writer_integer(envelope, "fetched_at", now);
    json_writer_json(envelope, "jwks", set);
    json_writer_end(envelope);
    json_object_put(set);
    int error = replace_document(cache->document, json_writer_result(envelope));
    if (error)
        log_line("palate: [token] keys_cache: cannot write %s: %s", cache->document, strerror(error));
    arena_destroy(arena);
}

static bool lock_within(int fd, int64_t milliseconds)
{
    static const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    int64_t end = clock_monotonic_us() + milliseconds * 1000;
    while (flock(fd, LOCK_EX | LOCK_NB)) {
        if (clock_monotonic_us() >= end)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* Whether the last turn is long enough ago; notes this one. */
static bool note_turn(int fd, int64_t now, int64_t seconds)
{
    char text[NUMBER_SIZE] = "";
    int64_t last;
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    if (length > 0 && text_to_int64(text, &last) && now >= last && now - last < seconds)
        return false;
    int written = snprintf(text, sizeof(text), "%" PRId64, now);
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)written, 0) == written;
}

int key_cache_take_turn(const struct key_cache *cache, int64_t now, int64_t seconds, int64_t milliseconds)
{
    int fd = open(cache->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) {
        log_line("palate: [token] keys_cache: cannot open %s: %s", cache->lock, strerror(errno));
        return KEY_TURN_BROKEN;
    }
    if (lock_within(fd, milliseconds) && note_turn(fd, now, seconds))
        return fd;
    close(fd);
    return KEY_TURN_OTHERS;
}

void key_cache_end_turn(int turn)
{
    if (turn >= 0)
        close(turn);
}
