/* Popularity, recent popularity, counts and first events of all items; see training/trainer.h.
 *
 *     popularity_i = sum over users of min(w, the weights of the user's events on i)
 *     recent_i     = the same of weight * 2^(-age / 15 days), age counted from the newest event
 *
 * w is the greatest weight of any event: a purchase, where there are some. So popularity counts people, each for one
 * purchase at most: one program that looks at a product two thousand times counts as one buyer, and not as two hundred.
 *
 * They order what is left when nothing is known of a person, fill lists that filters have thinned, and tell
 * new items from old. Plain sums on purpose: they are what a shop owner can check with one query. Sums are
 * taken in double, since a float stops growing at 2^24 additions of 1. One pass over the events, user by user. */
#include "base/memory.h"
#include "training/internal.h"

#include <math.h>

static const double recent_half_life = 15; /* days */

struct sums {
    double *popularity, *recent; /* of all users; a float would lose small additions */
    double *own, *own_recent;    /* of one user */
    uint32_t *touched;           /* the items that these have, and their number */
    size_t touched_count;
    double most; /* what one user counts for one item */
};

static void create_sums(struct sums *sums, const struct trainer *trainer)
{
    uint32_t count = intern_count(trainer->ids);
    sums->popularity = memory_alloc(count, sizeof(*sums->popularity));
    sums->recent = memory_alloc(count, sizeof(*sums->recent));
    sums->own = memory_alloc(count, sizeof(*sums->own));
    sums->own_recent = memory_alloc(count, sizeof(*sums->own_recent));
    sums->touched = memory_alloc(count, sizeof(*sums->touched));
    for (size_t i = 0; i < trainer->event_count; i++)
        sums->most = fmax(sums->most, (double)trainer->events[i].weight);
}

static void free_sums(struct sums *sums)
{
    memory_free(sums->popularity);
    memory_free(sums->recent);
    memory_free(sums->own);
    memory_free(sums->own_recent);
    memory_free(sums->touched);
}

static void add_event(struct sums *sums, uint32_t rank, double weight, double age)
{
    if (sums->own[rank] == 0)
        sums->touched[sums->touched_count++] = rank;
    sums->own[rank] += weight;
    sums->own_recent[rank] += weight * exp2(-age / recent_half_life);
}

/* Adds what one user did to what all did. */
static void end_user(struct sums *sums)
{
    for (size_t i = 0; i < sums->touched_count; i++) {
        uint32_t rank = sums->touched[i];
        sums->popularity[rank] += fmin(sums->own[rank], sums->most);
        sums->recent[rank] += fmin(sums->own_recent[rank], sums->most);
        sums->own[rank] = sums->own_recent[rank] = 0;
    }
    sums->touched_count = 0;
}

/* Events stand by user (trainer_group_events). */
void trainer_build_popularity(struct trainer *trainer)
{
    struct trained *trained = &trainer->trained;
    struct sums sums = {0};
    uint32_t count = intern_count(trainer->ids);
    int64_t reference = trainer_reference_time(trainer);
    create_sums(&sums, trainer);
    trained->popularity = memory_alloc(count, sizeof(*trained->popularity));
    trained->recent = memory_alloc(count, sizeof(*trained->recent));
    trained->events = memory_alloc(count, sizeof(*trained->events));
    trained->first_events = memory_alloc(count, sizeof(*trained->first_events));
    for (uint32_t rank = 0; rank < count; rank++)
        trained->first_events[rank] = INT64_MAX;
    for (uint32_t user = 0; user < trainer->user_count; user++) {
        for (size_t i = trainer->event_starts[user]; i < trainer->event_starts[user + 1]; i++) {
            const struct trainer_event *event = &trainer->events[i];
            uint32_t rank = trained->ranks[event->item];
            add_event(&sums, rank, (double)event->weight, trainer_age_in_days(reference, event->time));
            if (trained->events[rank] < UINT32_MAX)
                trained->events[rank]++;
            if (event->time < trained->first_events[rank])
                trained->first_events[rank] = event->time;
        }
        end_user(&sums);
    }
    for (uint32_t rank = 0; rank < count; rank++) {
        trained->popularity[rank] = (float)sums.popularity[rank];
        trained->recent[rank] = (float)sums.recent[rank];
    }
    free_sums(&sums);
}
