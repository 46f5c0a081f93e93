/* How often a client may call: one bucket of tokens for each, shared by all workers of a machine.
 *
 * A small memory-mapped file of atomic numbers; nothing here waits or takes a lock. The algorithm is the
 * generic cell rate algorithm (ITU-T I.371), a token bucket that needs one number: the time at which the
 * bucket will be full again. Accuracy: exact for a client on one machine, but for the rare case that two
 * clients claim the same idle place at once, when one request more may pass. Each machine counts for
 * itself. When more than RATE_LIMIT_PLACES clients are busy at once, some are not limited. */
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

/* Takes one token from the bucket of whoever `key` (any bytes) stands for. now_us: the monotonic clock. False
 * when it is empty: *retry_after is then the whole seconds, at least 1, until there is one. */
bool rate_limit_take(struct rate_limit *limit, const void *key, size_t key_length, struct rate rate,
                     int64_t now_us, int *retry_after) __attribute__((nonnull, warn_unused_result));

#endif
