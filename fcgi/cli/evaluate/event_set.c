/* Events in memory; see event_set.h.
 *
 * Ids are replaced by small numbers as they arrive, so that an event takes 24 bytes however long its ids
 * are and all tables of the methods are plain arrays. Events are sorted once, by user, time and arrival:
 * then the history of a user is a slice of the array, and the order of events at the same moment is that
 * of the file, which keeps every figure reproducible. */
#include "cli/evaluate/event_set.h"

#include "base/memory.h"
#include "base/robot.h"

#include <stdlib.h>
#include <string.h>

struct event_set *event_set_create(void)
{
    struct event_set *set = memory_alloc(1, sizeof(*set));
    set->users = intern_create();
    set->items = intern_create();
    return set;
}

void event_set_destroy(struct event_set *set)
{
    if (!set)
        return;
    intern_destroy(set->users);
    intern_destroy(set->items);
    memory_free(set->events);
    memory_free(set->starts);
    memory_free(set);
}

/* Grows by doubling. Arrival numbers have 32 bits, so that there is an end to what fits; a file of that
 * many events would need 100 GB of memory before. */
void event_set_add(struct event_set *set, const struct file_event *event)
{
    if (set->count == set->capacity) {
        set->capacity = set->capacity * 2 + 4096;
        set->events = memory_resize(set->events, set->capacity, sizeof(*set->events));
    }
    if (set->count >= UINT32_MAX)
        memory_exhausted();
    set->events[set->count] = (struct set_event){.user = intern_add(set->users, event->user_id),
                                                 .item = intern_add(set->items, event->item_id),
                                                 .weight = (int16_t)event->weight,
                                                 .kind = (uint16_t)event->kind,
                                                 .arrival = (uint32_t)set->count,
                                                 .occurred_at = event->occurred_at};
    set->count++;
}

/* A total order: no two events arrived at the same place, so that the result does not depend on the sort. */
static int compare_events(const void *left, const void *right)
{
    const struct set_event *a = left, *b = right;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    if (a->occurred_at != b->occurred_at)
        return a->occurred_at < b->occurred_at ? -1 : 1;
    return (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

void event_set_finish(struct event_set *set)
{
    uint32_t users = intern_count(set->users);
    size_t *starts = memory_alloc((size_t)users + 1, sizeof(*starts));
    if (set->count)
        qsort(set->events, set->count, sizeof(*set->events), compare_events);
    set->oldest = set->count ? INT64_MAX : 0;
    set->newest = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct set_event *event = &set->events[i];
        starts[event->user + 1]++;
        set->oldest = event->occurred_at < set->oldest ? event->occurred_at : set->oldest;
        set->newest = event->occurred_at > set->newest ? event->occurred_at : set->newest;
    }
    for (uint32_t user = 0; user < users; user++)
        starts[user + 1] += starts[user];
    memory_free(set->starts);
    set->starts = starts;
}

static bool is_robot(const struct event_set *set, uint32_t user, int64_t *hours)
{
    size_t counted = 0;
    for (size_t i = set->starts[user]; i < set->starts[user + 1]; i++) {
        const struct set_event *event = &set->events[i];
        if (event->weight >= ROBOT_WEIGHT && robot_is_time(event->occurred_at / 1000))
            hours[counted++] = event->occurred_at / 3600000;
    }
    return robot_find(hours, counted);
}

uint32_t event_set_leave_out_robots(struct event_set *set, uint64_t *events)
{
    uint32_t users = intern_count(set->users), robots = 0;
    size_t kept = 0;
    int64_t *hours = memory_alloc(set->count + 1, sizeof(*hours));
    *events = 0;
    for (uint32_t user = 0; user < users; user++) {
        size_t first = set->starts[user], count = set->starts[user + 1] - first;
        if (count >= ROBOT_ROUND_EVENTS && is_robot(set, user, hours)) {
            robots++;
            *events += count;
            continue;
        }
        memmove(set->events + kept, set->events + first, count * sizeof(*set->events));
        kept += count;
    }
    memory_free(hours);
    set->count = kept;
    event_set_finish(set);
    return robots;
}

static void add(void *context, const struct file_event *event)
{
    event_set_add(context, event);
}

struct event_set *event_set_read(const char *path)
{
    struct event_set *set = event_set_create();
    if (event_file_read(path, "reading events", add, set)) {
        event_set_finish(set);
        return set;
    }
    event_set_destroy(set);
    return NULL;
}
