/* Token buckets in a shared file; see rate_limit.h.
 *
 * A token bucket holds up to `burst` tokens, gets one every `step` = minute / rate, and each request takes
 * one. Kept literally it is two numbers, the tokens and when they were counted last, which no single atomic
 * instruction changes together. The generic cell rate algorithm (ITU-T I.371, 2004; Turner's leaky bucket as
 * a meter) keeps the same bucket as one number, the moment at which it will be full again: T. A request at
 * moment t computes
 *
 *     T' = max(T, t) + step,   and passes when T' - t <= burst x step;
 *
 * then T' is stored by compare-and-swap, and a worker that lost the race computes again from what it found. A
 * refused request changes nothing, so knocking at a closed door does not keep it closed; it may come again
 * after T' - t - burst x step.
 *
 * The clients are in an open-addressed table of 4,096 places by the first 64 bits of the SHA-256 of their
 * name (with a fast hash, a client could choose a name that takes the places of another). A bucket that is
 * full says no more than an empty place, so places are taken over from clients that have not asked for a
 * while, and nothing is ever removed. A client whose 32 places are all taken by busy others is not limited:
 * better than refusing one for what others did.
 *
 * A moment further ahead than a bucket can be is of an earlier boot, when the monotonic clock began again.
 * Costs: one SHA-256 and some atomic reads a request, 64 KiB of memory for the whole machine. It does not
 * count over several machines, and has no queue: a client over the limit learns when to come again. */
#include "request/rate_limit.h"

#include "base/memory.h"
#include "base/state_file.h"

#include <openssl/sha.h>
#include <stdatomic.h>
#include <string.h>

#define RATE_LIMIT_FORMAT UINT64_C(0x314c544d494c5031) /* "1PLIMTL1" */

enum { PROBES = 32, MINUTE_US = 60 * 1000000, BURST_SECONDS_MAX = 3600 };

/* A bucket that is full again says nothing, so its place is free for anybody. */
struct place {
    _Atomic uint64_t key;    /* hash of the client; 0: never used */
    _Atomic int64_t full_at; /* microseconds of the monotonic clock */
};

struct rate_limit_file {
    _Atomic uint64_t format; /* 0: new */
    uint64_t reserved;
    struct place places[RATE_LIMIT_PLACES];
};

struct rate_limit {
    struct rate_limit_file *file;
};

struct rate_limit *rate_limit_open(const char *path, char *problem, size_t problem_size)
{
    struct rate_limit_file *file =
        state_file_open(path, sizeof(*file), RATE_LIMIT_FORMAT, problem, problem_size);
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
    state_file_close(limit->file, sizeof(*limit->file));
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

/* The client's place, or an idle one that becomes it; NULL when there is none nearby.
 * Two passes: the client may be behind a place that has become idle since it came, and taking that one would
 * give it a second bucket. */
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
