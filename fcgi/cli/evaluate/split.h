/* Divides the events of a set into what may be learned from and what must be found.
 *
 * Owns the table of tests. Deterministic: the random split hangs on the seed and the ids alone. */
#ifndef PALATE_CLI_EVALUATE_SPLIT_H
#define PALATE_CLI_EVALUATE_SPLIT_H

#include "cli/evaluate/event_set.h"

enum split_kind {
    SPLIT_AUTOMATIC,
    SPLIT_DAYS,   /* "last-30d": learn from what is before the newest event minus 30 days */
    SPLIT_LAST,   /* "last-1": each user's last event is to be found */
    SPLIT_RANDOM, /* "random-10": of the items of each user about 10 of 100 are to be found */
};

struct split {
    enum split_kind kind;
    uint32_t amount; /* days 1..3650, or percent 1..50 */
};

/* "last-<days>d", "last-1" or "random-<percent>"; false for anything else. */
bool split_parse(const char *text, struct split *split) __attribute__((nonnull, warn_unused_result));

/* Resolves SPLIT_AUTOMATIC: last-30d when the times span more than 60 days, last-1 when there are times but
 * fewer days, else random-10. Others are returned as they are. */
struct split split_choose(struct split wanted, const struct event_set *set) __attribute__((nonnull));

/* The split's name as split_parse() takes it; "automatic" for SPLIT_AUTOMATIC. */
struct split_name {
    char text[24];
};
struct split_name split_name(struct split split);

enum { TEST_WEIGHT_MINIMUM = 10 };

/* Whom to test, and what each of them must be given: users[i] wants the items items[starts[i]] up to before
 * items[starts[i + 1]], ascending. */
struct split_tests {
    uint32_t *users;
    size_t user_count;
    size_t *starts; /* user_count + 1 */
    uint32_t *items;
};

/* Takes the held-out events out of the set, which is finished again, and returns what must be found: items of
 * held-out events of weight TEST_WEIGHT_MINIMUM or more that the user has no event with in what is left, each
 * once. Users are tested who have both: something left, and something to be found. */
struct split_tests *split_apply(struct split split, uint64_t seed, struct event_set *set)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void split_tests_destroy(struct split_tests *tests); /* NULL is fine */

#endif
