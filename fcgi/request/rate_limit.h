/* How often a client may call: buckets of tokens, shared by all workers of a machine.
 *
 * A small memory-mapped file of atomic numbers; nothing here waits or takes a lock. The algorithm is the
 * generic cell rate algorithm (ITU-T I.371), a token bucket that needs one number: the time at which the
 * bucket will be full again. Accuracy: exact for a client on one machine, but for the rare case that two
 * clients claim the same place at once, when a few requests more may pass. Each machine counts for itself.
 *
 * A client has a bucket for each kind of what is counted, so that nobody can use up another's by asking in its
 * name. Ids that do not exist have a table of their own: however many are made up, no client loses its bucket.
 * When more than RATE_LIMIT_PLACES are busy at once, those with the least to lose begin anew. */
#ifndef PALATE_REQUEST_RATE_LIMIT_H
#define PALATE_REQUEST_RATE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RATE_LIMIT_PLACES = 4096 };

struct rate_limit;

/* Opens the file, making it when it is not there. NULL: cannot be used; problem is a sentence with the path.
 * The file must not be cut while it is in use. */
struct rate_limit *rate_limit_open(const char *path, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));
/* NULL is fine. */
void rate_limit_close(struct rate_limit *limit);

struct rate {
    uint32_t per_minute; /* 0: no limit */
    uint32_t burst;      /* how many may come at once, at least 1 */
};

enum rate_kind {
    RATE_REQUESTS,    /* with a token of the client */
    RATE_RIGHT_TRIES, /* for a token, with the client's secret */
    RATE_WRONG_TRIES, /* for a token, in the name of the client, with another secret */
    RATE_STRANGERS,   /* for a token, in the name of nobody */
};

/* Takes one token from the bucket that the client of this id has for this kind. now_us: the monotonic clock.
 * False when it is empty: *retry_after is then the whole seconds, at least 1, until there is one. */
bool rate_limit_take(struct rate_limit *limit, enum rate_kind kind, const char *client_id, struct rate rate,
                     int64_t now_us, int *retry_after) __attribute__((nonnull, warn_unused_result));

#endif
