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
 * The buckets are in an open-addressed table of 4,096 places by 64 bits of the SHA-256 of the client's id, for
 * each kind others (with a fast hash, a client could choose a name that takes the places of another). A bucket
 * that is full says no more than an empty place, so places are taken over from clients that have not asked for a
 * while, and nothing is ever removed. Where all 32 places of a client are busy, it takes the one that is full
 * soonest, whose owner loses a token or two of debt: nobody is refused for what others did, and no crowd switches
 * a limit off, since who knocks often is in debt, and stays.
 *
 * Anybody can make up ids, 4,096 in a second, so ids that do not exist are in a second table, and a flood of them
 * is a flood among themselves. They are counted at all so that an answer does not tell which ids exist: both are
 * 401 for a while and then 429.
 *
 * A moment further ahead than a bucket can be is of an earlier boot, when the monotonic clock began again.
 * Costs: one SHA-256 and some atomic reads a request, 128 KiB of memory for the whole machine. It does not
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
    _Atomic uint64_t key;    /* hash of what is counted and of whom; 0: never used */
    _Atomic int64_t full_at; /* microseconds of the monotonic clock */
};

struct rate_limit_file {
    _Atomic uint64_t format; /* 0: new */
    uint64_t reserved;
    struct place places[RATE_LIMIT_PLACES];    /* up to here it is the file of the version before */
    struct place strangers[RATE_LIMIT_PLACES]; /* ids that do not exist */
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

/* Each kind has a quarter of the digest. */
static uint64_t hash_key(enum rate_kind kind, const char *client_id)
{
    uint64_t quarters[SHA256_DIGEST_LENGTH / sizeof(uint64_t)];
    SHA256((const unsigned char *)client_id, strlen(client_id), (unsigned char *)quarters);
    return quarters[kind] ? quarters[kind] : 1;
}

/* What lies further ahead than any bucket can is of an earlier boot. */
static bool is_full(int64_t full_at, int64_t now_us)
{
    return full_at <= now_us || full_at - now_us > (int64_t)BURST_SECONDS_MAX * 1000000 + MINUTE_US;
}

static struct place *place_at(struct place *table, uint64_t key, size_t probe)
{
    return &table[(key + probe) % RATE_LIMIT_PLACES];
}

/* The idle place nearest to the key's, or else the one that is full soonest, becomes the key's. NULL: others
 * have been faster. */
static struct place *take_over(struct place *table, uint64_t key, int64_t now_us)
{
    struct place *chosen = place_at(table, key, 0);
    for (size_t i = 0; i < PROBES; i++) {
        struct place *place = place_at(table, key, i);
        uint64_t owner = atomic_load(&place->key);
        int64_t full_at = atomic_load(&place->full_at);
        bool taken = is_full(full_at, now_us) && atomic_compare_exchange_strong(&place->key, &owner, key);
        if (taken || owner == key) /* a worker that asks for the same client has been faster */
            return place;
        if (full_at < atomic_load(&chosen->full_at))
            chosen = place;
    }
    uint64_t owner = atomic_load(&chosen->key);
    if (!atomic_compare_exchange_strong(&chosen->key, &owner, key))
        return NULL;
    atomic_store(&chosen->full_at, 0);
    return chosen;
}

/* All places are looked at before one is taken over: the key's may be behind a place that has become idle since
 * it came, and taking that one would give it a second bucket. */
static struct place *find_place(struct place *table, uint64_t key, int64_t now_us)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct place *place = place_at(table, key, i);
        if (atomic_load(&place->key) == key)
            return place;
    }
    return take_over(table, key, now_us);
}

bool rate_limit_take(struct rate_limit *limit, enum rate_kind kind, const char *client_id, struct rate rate,
                     int64_t now_us, int *retry_after)
{
    if (!rate.per_minute)
        return true;
    struct place *table = kind == RATE_STRANGERS ? limit->file->strangers : limit->file->places;
    struct place *place = find_place(table, hash_key(kind, client_id), now_us);
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
