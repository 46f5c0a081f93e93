/* The hosts of one service, in the order in which they are tried, and which of them to leave alone for now.
 *
 * Who stays away is tried again after a pause, which grows with each failure in a row and is different for
 * each process; with one host there is no pause. */
#ifndef PALATE_BASE_HOST_LIST_H
#define PALATE_BASE_HOST_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOST_LIST_MAX = 8, HOST_NAME_BYTES = 256 };

/* The pause after the first failure, and the longest; in microseconds. A quarter more or less by chance. */
enum { HOST_PAUSE_US = 1000 * 1000, HOST_PAUSE_MAX_US = 30 * 1000 * 1000 };

struct host_list {
    size_t count;   /* 0: the text named none */
    size_t current; /* who answered last */
    struct host {
        char name[HOST_NAME_BYTES];
        int64_t away_until_us; /* clock_monotonic_us */
        unsigned failures;     /* in a row */
    } hosts[HOST_LIST_MAX];
};

/* Reads "a, b, c". False: an entry is empty or too long, or there are more than HOST_LIST_MAX. "" is a list
 * of none. */
bool host_list_read(const char *text, struct host_list *list) __attribute__((nonnull, warn_unused_result));

/* Puts the positions of all hosts into order[] as they are to be tried at the time now: the current one, then
 * the others as they were listed, and behind them those that are paused, since one of them is better than
 * none. Returns how many of them are not paused. */
size_t host_list_order(const struct host_list *list, int64_t now, size_t order[HOST_LIST_MAX])
    __attribute__((nonnull));

/* What came of trying hosts[position]. chance: any byte, by which the pause differs. */
void host_list_reached(struct host_list *list, size_t position) __attribute__((nonnull));
void host_list_failed(struct host_list *list, size_t position, int64_t now, unsigned char chance)
    __attribute__((nonnull));

#endif
