/* Events that take others back; see training/internal.h.
 *
 * A refund, a dislike or a return weighs less than nothing. No member of the model learns from such an event: what
 * somebody dislikes says little of what that person wants. But what it takes back must not count as if it had not
 * been: a product that half of its buyers return would be the first thing that strangers are shown.
 *
 * So the weights of each user and item are summed up, those below 0 included, and where nothing is left above 0 all
 * their events are left out. A person who bought an item twice and returned one still counts. Linear in the events of
 * users who have such an event, and in all events once, to close the gaps. */
#include "base/memory.h"
#include "training/internal.h"

#include <stdlib.h>
#include <string.h>

void trainer_add_withdrawal(struct trainer *trainer, const char *user_id, uint32_t item, float weight)
{
    if (trainer->withdrawal_count == trainer->withdrawal_capacity) {
        trainer->withdrawal_capacity = trainer->withdrawal_capacity * 2 + 1024;
        trainer->withdrawals =
            memory_resize(trainer->withdrawals, trainer->withdrawal_capacity, sizeof(*trainer->withdrawals));
    }
    trainer->withdrawals[trainer->withdrawal_count++] = (struct trainer_withdrawal){
        .user_id = arena_copy_text(trainer->arena, user_id), .item = item, .weight = weight};
}

static int compare_by_user(const void *left, const void *right)
{
    uint32_t a = ((const struct trainer_withdrawal *)left)->user;
    uint32_t b = ((const struct trainer_withdrawal *)right)->user;
    return (a > b) - (a < b);
}

/* Copies the events of a user that stay to *to; returns behind the last. net holds 0 for each item, before and after. */
static struct trainer_event *keep_events(const struct trainer_event *from, size_t count,
                                         struct trainer_event *to, const struct trainer_withdrawal *taken,
                                         size_t taken_count, double *net)
{
    for (size_t i = 0; i < count; i++)
        net[from[i].item] += (double)from[i].weight;
    for (size_t i = 0; i < taken_count; i++)
        net[taken[i].item] += (double)taken[i].weight;
    struct trainer_event *kept = to;
    for (size_t i = 0; i < count; i++) {
        struct trainer_event event = from[i];
        if (net[event.item] > 0)
            *kept++ = event;
        else
            net[event.item] = -1; /* so for all of its events */
    }
    for (struct trainer_event *event = to; event < kept; event++)
        net[event->item] = 0;
    return kept;
}

void trainer_withdraw_events(struct trainer *trainer, const struct intern *users)
{
    size_t *starts = trainer->event_starts, next = 0, begin = 0;
    uint32_t items = intern_count(trainer->ids);
    if (!trainer->withdrawal_count)
        return;
    for (size_t i = 0; i < trainer->withdrawal_count; i++) {
        struct trainer_withdrawal *taken = &trainer->withdrawals[i];
        if (!intern_find(users, taken->user_id, strlen(taken->user_id), &taken->user))
            taken->user = UINT32_MAX; /* nothing to take back */
    }
    double *net = memory_alloc(items, sizeof(*net));
    struct trainer_event *to = trainer->events;
    qsort(trainer->withdrawals, trainer->withdrawal_count, sizeof(*trainer->withdrawals), compare_by_user);
    for (uint32_t user = 0; user < trainer->user_count; user++) {
        size_t first = next, end = starts[user + 1];
        while (next < trainer->withdrawal_count && trainer->withdrawals[next].user == user)
            next++;
        to = keep_events(trainer->events + begin, end - begin, to, trainer->withdrawals + first, next - first,
                         net);
        for (size_t i = first; i < next; i++)
            net[trainer->withdrawals[i].item] = 0;
        begin = end;
        starts[user + 1] = (size_t)(to - trainer->events);
    }
    trainer->event_count = (size_t)(to - trainer->events);
    memory_free(net);
    memory_free(trainer->withdrawals);
    trainer->withdrawals = NULL;
    trainer->withdrawal_count = trainer->withdrawal_capacity = 0;
}
