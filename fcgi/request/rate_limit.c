/* Token buckets in a shared file; see rate_limit.h. */
#include "request/rate_limit.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RATE_LIMIT_FORMAT UINT64_C(0x314c544d494c5031) /* "1PLIMTL1" */

enum { PROBES = 32, MINUTE_US = 60 * 1000000, BURST_SECONDS_MAX = 3600 };

/* A bucket that is full again says nothing, so its place is free for anybody. */
struct place {
    _Atomic uint64_t key;    /* hash of the client; 0: never used */
    _Atomic int64_t full_at; /* microseconds of the monotonic clock */
};

/* A new file is all zero, which is the state at the beginning. */
struct rate_limit_file {
    _Atomic uint64_t format; /* 0: new */
    uint64_t reserved;
    struct place places[RATE_LIMIT_PLACES];
};
static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_LONG_LOCK_FREE == 2, "works between processes");

struct rate_limit {
    struct rate_limit_file *file;
};

static struct rate_limit_file *map_file(int fd, const char *path, char *problem, size_t problem_size)
{
    struct stat status;
    size_t size = sizeof(struct rate_limit_file);
    if (fstat(fd, &status) || !S_ISREG(status.st_mode) ||
        (status.st_size < (off_t)size && ftruncate(fd, (off_t)size))) {
        snprintf(problem, problem_size, "%s: cannot be used as a state file: %s", path, strerror(errno));
        return NULL;
    }
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) {
        snprintf(problem, problem_size, "%s: cannot be mapped: %s", path, strerror(errno));
        return NULL;
    }
    struct rate_limit_file *file = mapped;
    uint64_t format = 0;
    if (atomic_compare_exchange_strong(&file->format, &format, RATE_LIMIT_FORMAT) ||
        format == RATE_LIMIT_FORMAT)
        return file;
    munmap(mapped, size);
    snprintf(problem, problem_size, "%s: is something else than a state file; remove it", path);
    return NULL;
}

struct rate_limit *rate_limit_open(const char *path, char *problem, size_t problem_size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (fd < 0) {
        snprintf(problem, problem_size, "%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    struct rate_limit_file *file = map_file(fd, path, problem, problem_size);
    close(fd);
    if (!file)
        return NULL;
    struct rate_limit *limit = memory_alloc(1, sizeof(*limit));
    limit->file = file;
    return limit;
}

void rate_limit_close(struct rate_limit *limit)
{
    if (!limit)
        return;
    munmap(limit->file, sizeof(*limit->file));
    memory_free(limit);
}

static uint64_t hash_key(const void *key, size_t length)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    uint64_t hash;
    SHA256(key, length, digest);
    memcpy(&hash, digest, sizeof(hash));
    return hash ? hash : 1;
}

/* What lies further ahead than any bucket can is of an earlier boot. */
static bool is_full(int64_t full_at, int64_t now_us)
{
    return full_at <= now_us || full_at - now_us > (int64_t)BURST_SECONDS_MAX * 1000000 + MINUTE_US;
}

/* The client's place, or an idle one that becomes it; NULL when there is none nearby. */
static struct place *find_place(struct rate_limit_file *file, uint64_t key, int64_t now_us)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct place *place = &file->places[(key + i) % RATE_LIMIT_PLACES];
        if (atomic_load(&place->key) == key)
            return place;
    }
    for (size_t i = 0; i < PROBES; i++) {
        struct place *place = &file->places[(key + i) % RATE_LIMIT_PLACES];
        uint64_t owner = atomic_load(&place->key);
        if (is_full(atomic_load(&place->full_at), now_us) &&
            atomic_compare_exchange_strong(&place->key, &owner, key))
            return place;
    }
    return NULL;
}

bool rate_limit_take(struct rate_limit *limit, const void *key, size_t key_length, struct rate rate,
                     int64_t now_us, int *retry_after)
{
    if (!rate.per_minute)
        return true;
    struct place *place = find_place(limit->file, hash_key(key, key_length), now_us);
    int64_t step = MINUTE_US / rate.per_minute, room = step * (rate.burst ? rate.burst : 1);
    if (room > (int64_t)BURST_SECONDS_MAX * 1000000)
        room = (int64_t)BURST_SECONDS_MAX * 1000000;
    if (!place)
        return true;
    int64_t full_at = atomic_load(&place->full_at), next;
    do {
        next = (is_full(full_at, now_us) ? now_us : full_at) + step;
        if (next - now_us > room) {
            int64_t wait_us = next - now_us - room;
            *retry_after = (int)((wait_us + 999999) / 1000000);
            return false;
        }
    } while (!atomic_compare_exchange_strong(&place->full_at, &full_at, next));
    return true;
}
