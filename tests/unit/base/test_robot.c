/* Tests of base/robot: both halves of the rule, at their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/robot.h"

static const int64_t day = 20000 * 24; /* in hours */

/* So many events in so many hours of one day, the last first: the call sorts. */
static bool found(size_t events, int64_t hours, int64_t days)
{
    static int64_t times[4 * (ROBOT_DAY_EVENTS + 1)];
    assert_true(events <= sizeof(times) / sizeof(times[0]));
    for (size_t i = 0; i < events; i++)
        times[events - 1 - i] = day + (int64_t)i % days * 24 + (int64_t)i / days % hours;
    return robot_find(times, events);
}

static void more_in_a_day_than_people_have(void **state)
{
    (void)state;
    assert_false(found(ROBOT_DAY_EVENTS, 8, 1));
    assert_true(found(ROBOT_DAY_EVENTS + 1, 8, 1));
    assert_false(found(ROBOT_HOUR_EVENTS, 1, 1));
    assert_true(found(ROBOT_HOUR_EVENTS + 1, 1, 1));
    assert_false(found(2 * ROBOT_DAY_EVENTS, 12, 2)); /* on two days */
    assert_true(found(4 * ROBOT_DAY_EVENTS + 4, 12, 4));
}

static void what_never_sleeps(void **state)
{
    (void)state;
    assert_true(found(ROBOT_ROUND_EVENTS, ROBOT_ROUND_HOURS, 1));
    assert_false(found(ROBOT_ROUND_EVENTS - 1, ROBOT_ROUND_HOURS, 1));
    assert_false(found(ROBOT_ROUND_EVENTS, ROBOT_ROUND_HOURS - 1, 1));
    assert_false(found(2 * ROBOT_ROUND_EVENTS - 2, 24, 2));
    assert_false(found(0, 1, 1));
}

static void places_are_no_times(void **state)
{
    (void)state;
    assert_false(robot_is_time(0));
    assert_false(robot_is_time(9999999));
    assert_true(robot_is_time(1600000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(more_in_a_day_than_people_have),
                                       cmocka_unit_test(what_never_sleeps),
                                       cmocka_unit_test(places_are_no_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
