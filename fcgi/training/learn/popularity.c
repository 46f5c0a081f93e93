/* Popularity, recent popularity, counts and first events of all items; see training/trainer.h.
 *
 *     popularity_i = sum of the weights of the item's events
 *     recent_i     = sum of weight * 2^(-age / 15 days), age counted from the newest event
 *
 * They order what is left when nothing is known of a person, fill lists that filters have thinned, and tell
 * new items from old. Plain sums on purpose: they are what a shop owner can check with one query. Sums are
 * taken in double, since a float stops growing at 2^24 additions of 1. One pass over the events. */
#include "base/memory.h"
#include "training/internal.h"

#include <math.h>

static const double recent_half_life = 15; /* days */

void trainer_build_popularity(struct trainer *trainer)
{
    struct trained *trained = &trainer->trained;
    uint32_t count = intern_count(trainer->ids);
    int64_t reference = trainer_reference_time(trainer);
    double *popularity = memory_alloc(count, sizeof(*popularity)); /* a float would lose small additions */
    double *recent = memory_alloc(count, sizeof(*recent));
    trained->popularity = memory_alloc(count, sizeof(*trained->popularity));
    trained->recent = memory_alloc(count, sizeof(*trained->recent));
    trained->events = memory_alloc(count, sizeof(*trained->events));
    trained->first_events = memory_alloc(count, sizeof(*trained->first_events));
    for (uint32_t rank = 0; rank < count; rank++)
        trained->first_events[rank] = INT64_MAX;
    for (size_t i = 0; i < trainer->event_count; i++) {
        const struct trainer_event *event = &trainer->events[i];
        uint32_t rank = trained->ranks[event->item];
        double age = trainer_age_in_days(reference, event->time);
        popularity[rank] += (double)event->weight;
        recent[rank] += (double)event->weight * exp2(-age / recent_half_life);
        if (trained->events[rank] < UINT32_MAX)
            trained->events[rank]++;
        if (event->time < trained->first_events[rank])
            trained->first_events[rank] = event->time;
    }
    for (uint32_t rank = 0; rank < count; rank++) {
        trained->popularity[rank] = (float)popularity[rank];
        trained->recent[rank] = (float)recent[rank];
    }
    memory_free(popularity);
    memory_free(recent);
}
