/* A tenant's share of a web server's workers: one tenant's long requests cannot keep every worker from the others,
 * nor every processor of the machine.
 *
 * All workers of a machine map one small file in which each says whose request it has and since when; nothing
 * here waits, and a request costs some atomic reads and writes. A request is long once it is
 * TENANT_SHARE_LONG_MS old. While another tenant has been at work within the last TENANT_SHARE_AT_WORK_S
 * seconds, no tenant is let in beyond `percent` of the web server's workers (rounded down, at least one) with
 * long requests and those that will probably become long, as its last ones did. Whoever becomes long beyond it
 * all the same learns that at the next tenant_share_may_go_on().
 *
 * What a worker that has died had is free again within a second, however it died. Times are microseconds of the
 * monotonic clock, given by the caller. Knows nothing of requests, and is not for plain CGI, where there is no
 * pool that could be used up. */
#ifndef PALATE_REQUEST_TENANT_SHARE_H
#define PALATE_REQUEST_TENANT_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TENANT_SHARE_WORKERS = 256, TENANT_SHARE_LONG_MS = 100, TENANT_SHARE_AT_WORK_S = 60 };

struct tenant_share;

/* Takes a place for this process in the file, making it when it is not there. percent: 1 to 99. NULL: it cannot
 * be used, or TENANT_SHARE_WORKERS have a place; problem is a sentence with the path. One at a time in a process,
 * and the file must not be cut while it is in use. */
struct tenant_share *tenant_share_open(const char *path, unsigned percent, int64_t now_us, char *problem,
                                       size_t problem_size) __attribute__((nonnull, warn_unused_result));
/* NULL is fine. */
void tenant_share_close(struct tenant_share *share);

/* This worker has a request of the tenant (not 0) from now on. False: the tenant has its share, and this worker
 * has nothing. */
bool tenant_share_begin(struct tenant_share *share, uint32_t tenant_id, int64_t now_us)
    __attribute__((nonnull, warn_unused_result));

/* Whether it may go on: false when it is long, and earlier ones of its tenant are the share already. Cheap enough
 * to be called every millisecond, and true when there is no request. */
bool tenant_share_may_go_on(const struct tenant_share *share, int64_t now_us)
    __attribute__((nonnull, warn_unused_result));

/* Whether it may use a processor now: false when it is long, and earlier ones of its tenant compute already on
 * as many processors as `percent` are; it should then pause for a moment, and go on a little all the same, or give way. To be
 * called by who computes, every few ten milliseconds; true when there is no request. */
bool tenant_share_may_compute(struct tenant_share *share, int64_t now_us)
    __attribute__((nonnull, warn_unused_result));

/* The request is over; nothing happens when there is none. */
void tenant_share_end(struct tenant_share *share, int64_t now_us) __attribute__((nonnull));

#endif
