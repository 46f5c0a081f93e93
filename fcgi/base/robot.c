/* Which users are no people; see robot.h.
 *
 * The problem: a crawler, a price watcher or a load test signs in or keeps a cookie, and looks at thousands of
 * products. It wants none of them. Popularity counts each user once for a product (training/learn/popularity.c), but
 * what is bought and viewed together is learned from whole histories, and such a history joins everything to
 * everything.
 *
 * The rule is by day (UTC) and meant to be checked by hand: a user is taken for a robot who on one day has
 *
 *     more than ROBOT_DAY_EVENTS events, or
 *     more than ROBOT_HOUR_EVENTS in one hour, or
 *     ROBOT_ROUND_EVENTS or more, in ROBOT_ROUND_HOURS or more of the day's 24 hours.
 *
 * The first is two every minute for sixteen hours, the second one every four seconds. The last finds what is slow and never sleeps: nobody shops in
 * twenty hours of one day. All leave much room above people: the busiest buyer of a wholesaler's year that we know
 * has 537 lines on one day, in six of its hours; somebody who rates films has some hundreds within an hour.
 * Impressions and searches do not count, since a page may show a hundred products.
 *
 * What it does not do: tell a robot that is as slow as people, or one with a new name for each visit; nor whether a
 * user id is shared (a till, "guest"), which is no person either and is left out for the same reason.
 *
 * Cost: a sort of the events of users with ROBOT_ROUND_EVENTS or more. */
#include "base/robot.h"

#include <stdlib.h>

enum { DAY_HOURS = 24 };

static int compare_hours(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

bool robot_find(int64_t *hours, size_t count)
{
    size_t events = 0, round = 0, in_hour = 0; /* of one day, its hours with events, and of one hour */
    if (count < ROBOT_ROUND_EVENTS)
        return false;
    qsort(hours, count, sizeof(*hours), compare_hours);
    for (size_t i = 0; i < count; i++) {
        bool is_next_day = !i || hours[i] / DAY_HOURS != hours[i - 1] / DAY_HOURS;
        bool is_next_hour = !i || hours[i] != hours[i - 1];
        events = is_next_day ? 1 : events + 1;
        round = is_next_day ? 1 : round + is_next_hour;
        in_hour = is_next_hour ? 1 : in_hour + 1;
        if (events > ROBOT_DAY_EVENTS || in_hour > ROBOT_HOUR_EVENTS ||
            (events >= ROBOT_ROUND_EVENTS && round >= ROBOT_ROUND_HOURS))
            return true;
    }
    return false;
}
