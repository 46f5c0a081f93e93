/* Users that are no people are not learned from; see training/internal.h. The rule is base/robot.c's.
 *
 * They are left out when the events are grouped by user and before anything is computed of them, so that no part of
 * the model (what is popular, what goes together, the choice of its parameters on a held-out part) sees one. The
 * number of users stays, with no events for these, as for users whose events were all taken back (withdraw.c).
 *
 * Linear in the events, with a sort for users who have many. */
#include "base/memory.h"
#include "base/robot.h"
#include "training/internal.h"

#include <string.h>

static const float least_weight = (float)ROBOT_WEIGHT / 100.0F;

static bool is_robot(const struct trainer_event *events, size_t count, int64_t *hours)
{
    size_t counted = 0;
    if (count < ROBOT_ROUND_EVENTS)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (events[i].weight >= least_weight && robot_is_time(events[i].time))
            hours[counted++] = events[i].time / 3600;
    }
    return robot_find(hours, counted);
}

static size_t longest_history(const struct trainer *trainer)
{
    size_t longest = 0;
    for (uint32_t user = 0; user < trainer->user_count; user++) {
        size_t count = trainer->event_starts[user + 1] - trainer->event_starts[user];
        longest = count > longest ? count : longest;
    }
    return longest;
}

void trainer_leave_out_robots(struct trainer *trainer)
{
    size_t longest = longest_history(trainer), begin = 0, kept = 0;
    if (longest < ROBOT_ROUND_EVENTS)
        return;
    int64_t *hours = memory_alloc(longest, sizeof(*hours));
    for (uint32_t user = 0; user < trainer->user_count; user++) {
        size_t end = trainer->event_starts[user + 1], count = end - begin;
        if (is_robot(trainer->events + begin, count, hours)) {
            trainer->robots++;
            trainer->robot_events += count;
        } else {
            memmove(trainer->events + kept, trainer->events + begin, count * sizeof(*trainer->events));
            kept += count;
        }
        begin = end;
        trainer->event_starts[user + 1] = kept;
    }
    trainer->event_count = kept;
    memory_free(hours);
}
