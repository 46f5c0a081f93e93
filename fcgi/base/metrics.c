/* Counters that all workers of a machine share; see metrics.h.
 *
 * The problem: a scrape is answered by one worker of many, and what the others have done must be in it; and
 * workers come and go while their counts must not. So the counts are not the workers': they lie in a file that
 * all of them map (base/state_file.h), and each adds to it by atomic instructions. Nobody owns a number, so a
 * worker that is killed takes nothing with it and leaves nothing locked.
 *
 * What is counted by name (routes, codes of errors, tenants) has a place in an open-addressed table, found by
 * the 64-bit hash of the name and claimed by compare-and-swap. The name itself is written beside it, so the
 * file explains itself: a worker of another version, with other routes in another order, adds to the same
 * file, and whoever answers the scrape prints what is there. A claimer that dies before it has written the name
 * leaves a place without one: the next that uses it writes the same bytes and says so (`named`). Two names of
 * one hash would be one; there are some hundred names, so that is one chance in 10^15.
 *
 * Times go into buckets (a histogram as Prometheus has it): counting one is a search among fourteen bounds, and
 * quantiles are whoever reads it's to estimate. Statuses have places in a fixed list, which may only grow at its
 * end; a change of anything else in the file's form needs another FORMAT and another file name.
 *
 * Costs: a hash of some 25 bytes, a few atomic reads and three atomic additions a request; 160 KiB of memory for
 * the machine. A full table counts no new name, which with the sizes below needs more routes than there are, or
 * more than 256 tenants. All additions are relaxed: numbers of one scrape may be a request apart. */
#include "base/metrics.h"

#include "base/hash.h"
#include "base/state_file.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define METRICS_FORMAT UINT64_C(0x3243495254454d50) /* "PMETRIC2" */

enum { ROUTES = 128, ERRORS = 64, TENANTS = 256, COUNTERS = 32 };

static const int statuses[METRICS_STATUSES] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409,
                                               413, 414, 415, 422, 429, 431, 500, 501, 502, 503, 504, 0};
static const int64_t bounds_us[METRICS_BUCKETS] = {500,     1000,    2500,    5000,     10000,
                                                   25000,   50000,   100000,  250000,   500000,
                                                   1000000, 2500000, 5000000, 10000000, INT64_MAX};

/* The head of each place of a table. */
struct place {
    _Atomic uint64_t key;   /* hash of the name; 0: free */
    _Atomic uint64_t named; /* 1: the name is there */
    char name[METRICS_NAME_SIZE];
};

struct route_place {
    struct place head;
    _Atomic uint64_t answers[METRICS_STATUSES];
    _Atomic uint64_t took[METRICS_BUCKETS];
    _Atomic uint64_t took_us;
};

struct error_place {
    struct place head;
    _Atomic uint64_t count;
};

struct tenant_place {
    struct place head;
    _Atomic uint64_t tenant_id, generation, changed;
};

struct quotas_place {
    struct place head;
    _Atomic uint64_t round; /* when it was noted last */
    _Atomic uint64_t most[METRICS_QUOTAS], used[METRICS_QUOTAS];
};

/* All zero is the state at the beginning. */
struct metrics_file {
    _Atomic uint64_t format;
    struct metrics_ready ready;
    _Atomic uint64_t counters[COUNTERS];
    struct route_place routes[ROUTES];
    struct error_place errors[ERRORS];
    struct tenant_place tenants[TENANTS];
    _Atomic int64_t quotas_claimed_us; /* 0: never */
    _Atomic uint64_t quotas_round;     /* the last that was published */
    struct quotas_place quotas[TENANTS];
};
static_assert((int)METRICS_COUNTER__MAX <= (int)COUNTERS, "each counter has a place");
static_assert(sizeof(struct route_place) == 96 + 8 * (METRICS_STATUSES + METRICS_BUCKETS + 1),
              "the same in every build");

/* One set for the process, as there is one log; its own memory until a file is mapped. */
static struct metrics_file own;
static struct metrics_file *file = &own;

bool metrics_open(const char *state_file, char *problem, size_t problem_size)
{
    char path[PATH_MAX];
    problem[0] = '\0';
    metrics_close();
    if (!*state_file)
        return false;
    if ((size_t)snprintf(path, sizeof(path), "%s" METRICS_SUFFIX, state_file) >= sizeof(path)) {
        snprintf(problem, problem_size, "[limits] state_file is too long a path");
        return false;
    }
    struct metrics_file *mapped = state_file_open(path, sizeof(own), METRICS_FORMAT, problem, problem_size);
    file = mapped ? mapped : &own;
    return mapped;
}

void metrics_close(void)
{
    if (file != &own)
        state_file_close(file, sizeof(own));
    file = &own;
}

bool metrics_is_shared(void)
{
    return file != &own;
}

static void add(_Atomic uint64_t *number, uint64_t more)
{
    atomic_fetch_add_explicit(number, more, memory_order_relaxed);
}

static uint64_t value_of(const _Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

/* ---- Places by name */

/* Several may write it at once: the same bytes. */
static void write_name(struct place *place, const char *name)
{
    if (atomic_load_explicit(&place->named, memory_order_acquire))
        return;
    snprintf(place->name, sizeof(place->name), "%s", name);
    atomic_store_explicit(&place->named, 1, memory_order_release);
}

/* The place of the name in a table of `count` places of `size` bytes, each beginning with its head; NULL: the
 * table is full. */
static void *find_place(void *table, size_t size, size_t count, const char *name)
{
    uint64_t key = hash_finish(hash_bytes(HASH_START, name, strlen(name)));
    key = key ? key : 1;
    for (size_t i = 0; i < count; i++) {
        struct place *place = (void *)((char *)table + (key + i) % count * size);
        uint64_t owner = value_of(&place->key);
        if (owner != key &&
            (owner || (!atomic_compare_exchange_strong(&place->key, &owner, key) && owner != key)))
            continue;
        write_name(place, name);
        return place;
    }
    return NULL;
}

/* The next place that has a name, from *cursor on; copies the name. */
static void *next_place(void *table, size_t size, size_t count, size_t *cursor, char name[METRICS_NAME_SIZE])
{
    while (*cursor < count) {
        struct place *place = (void *)((char *)table + (*cursor)++ * size);
        if (!atomic_load_explicit(&place->named, memory_order_acquire))
            continue;
        snprintf(name, METRICS_NAME_SIZE, "%.*s", METRICS_NAME_SIZE - 1, place->name);
        return place;
    }
    return NULL;
}

/* ---- Counting */

void metrics_count(enum metrics_counter counter)
{
    add(&file->counters[counter], 1);
}

void metrics_count_request(const char *route, int status, int64_t took_us)
{
    struct route_place *place = find_place(file->routes, sizeof(*file->routes), ROUTES, route);
    size_t bucket = 0, answer = 0;
    if (!place)
        return;
    while (took_us > bounds_us[bucket])
        bucket++;
    while (statuses[answer] && statuses[answer] != status)
        answer++;
    add(&place->answers[answer], 1);
    add(&place->took[bucket], 1);
    add(&place->took_us, took_us > 0 ? (uint64_t)took_us : 0);
}

void metrics_count_error(const char *code)
{
    struct error_place *place = find_place(file->errors, sizeof(*file->errors), ERRORS, code);
    if (place)
        add(&place->count, 1);
}

void metrics_note_tenant(const char *key, uint32_t tenant_id, uint64_t generation, uint64_t changed)
{
    struct tenant_place *place = find_place(file->tenants, sizeof(*file->tenants), TENANTS, key);
    if (!place)
        return;
    atomic_store_explicit(&place->tenant_id, tenant_id, memory_order_relaxed);
    atomic_store_explicit(&place->generation, generation, memory_order_relaxed);
    atomic_store_explicit(&place->changed, changed, memory_order_relaxed);
}

/* The round is the moment of the claim, so a later one is larger, but behind a restart of the machine; a claim
 * that lies ahead is of before that. */
bool metrics_claim_quotas(int64_t now_us, uint64_t *round)
{
    int64_t claimed = atomic_load(&file->quotas_claimed_us);
    *round = (uint64_t)now_us;
    if (claimed && claimed <= now_us && now_us - claimed < METRICS_QUOTAS_US)
        return false;
    return atomic_compare_exchange_strong(&file->quotas_claimed_us, &claimed, now_us);
}

void metrics_note_quotas(const char *key, uint64_t round, const uint64_t most[METRICS_QUOTAS],
                         const uint64_t used[METRICS_QUOTAS])
{
    struct quotas_place *place = find_place(file->quotas, sizeof(*file->quotas), TENANTS, key);
    if (!place)
        return;
    for (size_t i = 0; i < METRICS_QUOTAS; i++) {
        atomic_store_explicit(&place->most[i], most[i], memory_order_relaxed);
        atomic_store_explicit(&place->used[i], used[i], memory_order_relaxed);
    }
    atomic_store(&place->round, round);
}

void metrics_publish_quotas(uint64_t round)
{
    atomic_store(&file->quotas_round, round);
}

/* ---- Reading */

uint64_t metrics_read(enum metrics_counter counter)
{
    return value_of(&file->counters[counter]);
}

bool metrics_next_route(size_t *cursor, struct metrics_route *route)
{
    const struct route_place *place =
        next_place(file->routes, sizeof(*file->routes), ROUTES, cursor, route->name);
    if (!place)
        return false;
    for (size_t i = 0; i < METRICS_STATUSES; i++)
        route->answers[i] = value_of(&place->answers[i]);
    for (size_t i = 0; i < METRICS_BUCKETS; i++)
        route->took[i] = value_of(&place->took[i]);
    route->took_us = value_of(&place->took_us);
    return true;
}

int metrics_status(size_t place)
{
    return place < METRICS_STATUSES ? statuses[place] : 0;
}

int64_t metrics_bound_us(size_t bucket)
{
    return bucket < METRICS_BUCKETS ? bounds_us[bucket] : INT64_MAX;
}

bool metrics_next_error(size_t *cursor, struct metrics_error *error)
{
    const struct error_place *place =
        next_place(file->errors, sizeof(*file->errors), ERRORS, cursor, error->code);
    if (place)
        error->count = value_of(&place->count);
    return place;
}

bool metrics_next_tenant(size_t *cursor, struct metrics_tenant *tenant)
{
    const struct tenant_place *place =
        next_place(file->tenants, sizeof(*file->tenants), TENANTS, cursor, tenant->key);
    if (!place)
        return false;
    tenant->tenant_id = (uint32_t)value_of(&place->tenant_id);
    tenant->generation = value_of(&place->generation);
    tenant->changed = value_of(&place->changed);
    return true;
}

bool metrics_next_quotas(size_t *cursor, struct metrics_quotas *quotas)
{
    const uint64_t round = atomic_load(&file->quotas_round);
    const struct quotas_place *place;
    do {
        place = next_place(file->quotas, sizeof(*file->quotas), TENANTS, cursor, quotas->key);
    } while (place && (!round || atomic_load(&place->round) != round));
    if (!place)
        return false;
    for (size_t i = 0; i < METRICS_QUOTAS; i++) {
        quotas->most[i] = value_of(&place->most[i]);
        quotas->used[i] = value_of(&place->used[i]);
    }
    return true;
}

struct metrics_ready *metrics_ready(void)
{
    return &file->ready;
}
