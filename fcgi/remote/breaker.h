/* A circuit breaker that all workers of a machine share: a small memory-mapped file of atomic numbers.
 *
 * Closed: all may call. When `failures` of the last 2 x `failures` outcomes were bad it opens, and none may
 * call for `open_us`; then one at a time may try (half-open), and the first good outcome closes it. Earlier
 * outcomes are forgotten after a pause of `window_us`. Counting among the last outcomes, not in a span of
 * time, opens at once when a service that has answered thousands of times hangs, and never for the rare
 * failure of a busy one.
 *
 * Besides, at most `waiting` workers may wait at a time. A place that was taken by a worker that has died
 * (its process is gone, or its time has run out) is free again. Nothing here waits or takes a lock.
 *
 * Times are microseconds of the monotonic clock, given by the caller; any that lie too far ahead (the file is
 * older than the last boot) count as past. Knows nothing of networks. */
#ifndef PALATE_REMOTE_BREAKER_H
#define PALATE_REMOTE_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BREAKER_FAILURES_MAX = 16, BREAKER_WAITING_MAX = 64 };

struct breaker_rules {
    unsigned failures; /* 1 to BREAKER_FAILURES_MAX */
    int64_t window_us, open_us;
    unsigned waiting; /* 1 to BREAKER_WAITING_MAX */
    int64_t hold_us;  /* the longest that a worker may wait */
};

struct breaker;

/* Opens the file, making it when it is not there. NULL: cannot be used; problem is a sentence with the path.
 * The file must not be cut while it is in use. */
struct breaker *breaker_open(const char *path, const struct breaker_rules *rules, char *problem,
                             size_t problem_size) __attribute__((nonnull, warn_unused_result));
/* NULL is fine. */
void breaker_close(struct breaker *breaker);

enum breaker_verdict {
    BREAKER_ADMITTED,
    BREAKER_REFUSED, /* it is open, or half-open and another is trying */
    BREAKER_FULL,    /* as many wait as may */
};

struct breaker_ticket {
    unsigned place;
    uint64_t mark; /* what stands in the place */
    int64_t probe; /* not 0: this is the one who tries */
};

/* Every BREAKER_ADMITTED must be followed by breaker_leave() with the same ticket. */
enum breaker_verdict breaker_enter(struct breaker *breaker, int64_t now_us, struct breaker_ticket *ticket)
    __attribute__((nonnull, warn_unused_result));

/* What breaker_enter() would say, from a look that takes no place and makes nobody the one who tries. */
enum breaker_verdict breaker_preview(const struct breaker *breaker, int64_t now_us)
    __attribute__((nonnull, warn_unused_result));

/* good: the service did its part. pause_us: not 0: the service asked for that long a pause, which opens the
 * breaker for it (at most BREAKER_PAUSE_MAX_US) whatever the count says. */
#define BREAKER_PAUSE_MAX_US (300 * INT64_C(1000000))
void breaker_leave(struct breaker *breaker, const struct breaker_ticket *ticket, int64_t now_us, bool good,
                   int64_t pause_us) __attribute__((nonnull));

struct breaker_view {
    bool open;         /* or half-open */
    int64_t left_us;   /* until it is tried again; 0 or less: with the next request */
    unsigned failures; /* among the last outcomes */
    unsigned waiting;  /* right now */
};

/* Looks at a file without making or changing it. False: there is none, or it is no breaker's. */
bool breaker_inspect(const char *path, const struct breaker_rules *rules, int64_t now_us,
                     struct breaker_view *view) __attribute__((nonnull, warn_unused_result));

#endif
