/* What the workers of a machine have done, counted together: requests by route and status, how long they took,
 * round trips to the database, models in use.
 *
 * One set for the process, as there is one log, so that a counter needs no pointer through every room. Until
 * metrics_open() has mapped a file, and where it cannot, this process counts alone. Nothing here waits, takes a
 * lock or fails; a count costs some tens of nanoseconds. Counters begin at 0 with a new file and only grow.
 *
 * Names are ours or an operator's (routes, codes of errors, keys of tenants), never a caller's. */
#ifndef PALATE_BASE_METRICS_H
#define PALATE_BASE_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metrics_counter {
    METRICS_STARTS, /* workers that have read their configuration, which the first request makes them do */
    METRICS_ROUND_TRIPS, /* statements, BEGIN, COMMIT and preparations sent to the database */
    METRICS_CONNECTIONS, /* to the database, tried */
    METRICS_COUNTER__MAX
};

enum { METRICS_BUCKETS = 15, METRICS_STATUSES = 24, METRICS_NAME_SIZE = 80 };

/* Behind the state file's path. */
#define METRICS_SUFFIX ".metrics2"

/* Maps the counters that belong to the machine's state file: the file state_file.metrics2 beside it, made where
 * it is missing. "" or a file that cannot be used: false, and this process counts alone; problem is then a
 * sentence, "" for "". */
bool metrics_open(const char *state_file, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));
void metrics_close(void);

/* Whether other workers count in the same file. */
bool metrics_is_shared(void) __attribute__((warn_unused_result));

void metrics_count(enum metrics_counter counter);

/* route: "GET /v1/items/{id}", at most METRICS_NAME_SIZE - 1 bytes, as all names here. */
void metrics_count_request(const char *route, int status, int64_t took_us) __attribute__((nonnull));
void metrics_count_error(const char *code) __attribute__((nonnull));

/* Notes what a worker uses for a tenant from now on. generation 0: no model. changed: items in the overlay. */
void metrics_note_tenant(const char *key, uint32_t tenant_id, uint64_t generation, uint64_t changed)
    __attribute__((nonnull));

/* What a tenant with quotas may have of each thing (most, 0: any number) and has (used). A round of notes begins
 * when metrics_claim_quotas() says true to one process of the machine, at most once in METRICS_QUOTAS_US, and
 * counts from metrics_publish_quotas(round) on; who is not noted in it has no quotas any more. now_us: of the
 * monotonic clock. */
enum { METRICS_QUOTAS = 5, METRICS_QUOTAS_US = 10 * 1000 * 1000 };
bool metrics_claim_quotas(int64_t now_us, uint64_t *round) __attribute__((nonnull, warn_unused_result));
void metrics_note_quotas(const char *key, uint64_t round, const uint64_t most[METRICS_QUOTAS],
                         const uint64_t used[METRICS_QUOTAS]) __attribute__((nonnull));
void metrics_publish_quotas(uint64_t round);

/* ---- Reading. *cursor is 0 at first; false: there are no more. */

uint64_t metrics_read(enum metrics_counter counter) __attribute__((warn_unused_result));

struct metrics_route {
    char name[METRICS_NAME_SIZE];
    uint64_t answers[METRICS_STATUSES]; /* by metrics_status() */
    uint64_t took[METRICS_BUCKETS];     /* by metrics_bound_us(), each answer in one */
    uint64_t took_us;                   /* altogether */
};
bool metrics_next_route(size_t *cursor, struct metrics_route *route)
    __attribute__((nonnull, warn_unused_result));

/* The status that a place stands for; 0 for the place of all others. */
int metrics_status(size_t place) __attribute__((const, warn_unused_result));
/* The longest time of a bucket; INT64_MAX for the last. */
int64_t metrics_bound_us(size_t bucket) __attribute__((const, warn_unused_result));

struct metrics_error {
    char code[METRICS_NAME_SIZE];
    uint64_t count;
};
bool metrics_next_error(size_t *cursor, struct metrics_error *error)
    __attribute__((nonnull, warn_unused_result));

struct metrics_tenant {
    char key[METRICS_NAME_SIZE];
    uint32_t tenant_id;
    uint64_t generation, changed;
};
bool metrics_next_tenant(size_t *cursor, struct metrics_tenant *tenant)
    __attribute__((nonnull, warn_unused_result));

struct metrics_quotas {
    char key[METRICS_NAME_SIZE];
    uint64_t most[METRICS_QUOTAS], used[METRICS_QUOTAS];
};
bool metrics_next_quotas(size_t *cursor, struct metrics_quotas *quotas)
    __attribute__((nonnull, warn_unused_result));

/* What GET /ready has found out for all workers of the machine (api/health.c); moments of the monotonic clock
 * in microseconds, all 0 at first. */
struct metrics_ready {
    _Atomic int64_t claimed_until; /* somebody is looking until then */
    _Atomic int64_t looked_at;
    _Atomic uint64_t finding;
    _Atomic int64_t model_written; /* Unix seconds: when the newest model file was; 0: there is none */
};
struct metrics_ready *metrics_ready(void) __attribute__((returns_nonnull));

#endif
