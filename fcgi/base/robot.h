/* Whether a user's events come at a rate that no person has; see robot.c for the rule. Pure.
 *
 * The one place for it: training and `palate evaluate` leave such users out, `palate doctor` names them. */
#ifndef PALATE_BASE_ROBOT_H
#define PALATE_BASE_ROBOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROBOT_WEIGHT = 5,         /* of 100: lighter events (what was shown, searches) do not count */
    ROBOT_DAY_EVENTS = 2000,  /* more than these on one day; or */
    ROBOT_HOUR_EVENTS = 1000, /* more than these in one hour; or */
    ROBOT_ROUND_EVENTS = 300, /* at least so many on one day, in */
    ROBOT_ROUND_HOURS = 20,   /* at least so many of its hours */
};

/* hours: of the events that count, in hours since 1970 (UTC); sorted by the call. */
bool robot_find(int64_t *hours, size_t count) __attribute__((nonnull, warn_unused_result));

/* Whether a moment (Unix seconds) tells a rate: data sets without times number their events from 0. */
static inline bool robot_is_time(int64_t seconds)
{
    return seconds >= INT64_C(315532800); /* 1980 */
}

#endif
