/* Events grouped by user and by item; see learning.h.
 *
 * The events become a sparse matrix X of users and items, stored twice: by user, in order of time, and by
 * item. The second needs no values of its own but the users and the place of each interaction, so that one
 * pass over the users' rows fills both.
 *
 *     base      b = sqrt(min(sum of the weights of the user's events of the item / the greatest weight, 1))
 *     strength  x = b * 2^(-age / half-life), age counted from the newest event of all
 *     degrees   d_u = max(sum of x over the user's items, 1), d_i the same over the item's users
 *
 * The square root says that the tenth event about an item adds less than the first. Degrees are at least 1
 * since they are divided by, to some power: an item with one weak event must not count as more telling than
 * one with a whole one. Decay is separate from the base, since the chooser tries several half-lives on one
 * grouping.
 *
 * A user counts with at most LEARNING_USER_ITEMS_MAX items, the newest: the work that a user causes grows
 * with the square of them, and somebody who has looked at ten thousand items says little with each.
 *
 * Cost: O(n log m) for n events and m of one user; 26 bytes an interaction. */
#include "training/learn/learning.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COMPARE(left, right) (((left) > (right)) - ((left) < (right)))

/* One user's events of one item while they are joined. */
struct joined {
    uint32_t item;
    float strength; /* the sum of weights */
    int64_t time;
    size_t event; /* its place in trainer.events: the order of arrival */
};

/* Newest last; what came at one time in order of arrival. */
static int compare_in_time(const void *left, const void *right)
{
    const struct joined *a = left, *b = right;
    int order = COMPARE(a->time, b->time);
    return order ? order : COMPARE(a->event, b->event);
}

/* By item, and the newest event first. */
static int compare_by_item(const void *left, const void *right)
{
    const struct joined *a = left, *b = right;
    int order = COMPARE(a->item, b->item);
    return order ? order : compare_in_time(right, left);
}

/* Joins the events of one item and keeps the newest items, oldest first; *first is where they are. Two sorts:
 * by item to add up equal ones (the newest event gives the time), then by time. Returns their number. */
static size_t join_user(struct joined *entries, size_t count, struct joined **first)
{
    size_t joined = 0;
    qsort(entries, count, sizeof(*entries), compare_by_item);
    for (size_t i = 0; i < count; i++) {
        if (joined && entries[joined - 1].item == entries[i].item)
            entries[joined - 1].strength += entries[i].strength;
        else
            entries[joined++] = entries[i];
    }
    qsort(entries, joined, sizeof(*entries), compare_in_time);
    *first = entries + (joined > LEARNING_USER_ITEMS_MAX ? joined - LEARNING_USER_ITEMS_MAX : 0);
    return joined > LEARNING_USER_ITEMS_MAX ? LEARNING_USER_ITEMS_MAX : joined;
}

static uint32_t age_of(const struct learning *learning, int64_t time)
{
    uint64_t age = (uint64_t)learning->reference - (uint64_t)time;
    return age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
}

/* The user's events that are used; their number. */
static size_t collect_user(const struct trainer *trainer, const bool *leave_out, uint32_t user,
                           struct joined *entries)
{
    size_t count = 0;
    for (size_t i = trainer->event_starts[user]; i < trainer->event_starts[user + 1]; i++) {
        const struct trainer_event *event = &trainer->events[i];
        if (!leave_out || !leave_out[i])
            entries[count++] = (struct joined){.item = trainer->trained.ranks[event->item],
                                               .strength = event->weight,
                                               .time = event->time,
                                               .event = i};
    }
    return count;
}

static void group_by_user(struct learning *learning, const struct trainer *trainer, const bool *leave_out,
                          double greatest)
{
    size_t most = 0, kept = 0;
    for (uint32_t user = 0; user < learning->user_count; user++)
        if (trainer->event_starts[user + 1] - trainer->event_starts[user] > most)
            most = trainer->event_starts[user + 1] - trainer->event_starts[user];
    struct joined *entries = memory_alloc(most, sizeof(*entries)), *first;
    learning->user_starts = memory_alloc((size_t)learning->user_count + 1, sizeof(size_t));
    for (uint32_t user = 0; user < learning->user_count; user++) {
        size_t count = collect_user(trainer, leave_out, user, entries);
        count = count ? join_user(entries, count, &first) : 0;
        for (size_t i = 0; i < count; i++, kept++) {
            learning->items[kept] = first[i].item;
            learning->ages[kept] = age_of(learning, first[i].time);
            learning->bases[kept] = (float)sqrt(fmin((double)first[i].strength / greatest, 1));
        }
        learning->user_starts[user + 1] = kept;
    }
    memory_free(entries);
}

/* A counting sort of the users' rows by item. An item's users come in rising order, on which vectors.c relies
 * when it walks through the users in chunks. */
static void group_by_item(struct learning *learning)
{
    size_t count = learning_size(learning);
    size_t *starts = memory_alloc((size_t)learning->item_count + 1, sizeof(*starts));
    learning->item_users = memory_alloc(count, sizeof(*learning->item_users));
    learning->item_places = memory_alloc(count, sizeof(*learning->item_places));
    for (size_t i = 0; i < count; i++)
        starts[learning->items[i] + 1]++;
    for (uint32_t item = 0; item < learning->item_count; item++) {
        learning->item_counts[item] = (uint32_t)starts[item + 1];
        starts[item + 1] += starts[item];
    }
    for (uint32_t user = 0; user < learning->user_count; user++) {
        for (size_t i = learning->user_starts[user]; i < learning->user_starts[user + 1]; i++) {
            size_t place = starts[learning->items[i]]++;
            learning->item_users[place] = user;
            learning->item_places[place] = (uint16_t)(i - learning->user_starts[user]);
        }
    }
    /* Filling moved each start to the next one's; one shift puts them back. */
    memmove(starts + 1, starts, learning->item_count * sizeof(*starts));
    starts[0] = 0;
    learning->item_starts = starts;
}

void learning_decay(struct learning *learning, double half_life)
{
    size_t count = learning_size(learning);
    memset(learning->user_degrees, 0, learning->user_count * sizeof(float));
    memset(learning->item_degrees, 0, learning->item_count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        double decay = half_life > 0 ? exp2(-learning_age(learning, i) / half_life) : 1;
        learning->strengths[i] = (float)((double)learning->bases[i] * decay);
    }
    for (uint32_t user = 0; user < learning->user_count; user++)
        for (size_t i = learning->user_starts[user]; i < learning->user_starts[user + 1]; i++)
            learning->user_degrees[user] += learning->strengths[i];
    for (uint32_t item = 0; item < learning->item_count; item++) {
        for (size_t i = learning->item_starts[item]; i < learning->item_starts[item + 1]; i++) {
            size_t place = learning->user_starts[learning->item_users[i]] + learning->item_places[i];
            learning->item_strengths[i] = learning->strengths[place];
            learning->item_degrees[item] += learning->strengths[place];
        }
    }
    for (uint32_t user = 0; user < learning->user_count; user++)
        learning->user_degrees[user] = fmaxf(learning->user_degrees[user], 1);
    for (uint32_t item = 0; item < learning->item_count; item++)
        learning->item_degrees[item] = fmaxf(learning->item_degrees[item], 1);
}

/* The newest and the heaviest event, and the number of those used. */
static size_t survey(struct learning *learning, const struct trainer *trainer, const bool *leave_out,
                     double *greatest)
{
    size_t used = 0;
    for (size_t i = 0; i < trainer->event_count; i++) {
        const struct trainer_event *event = &trainer->events[i];
        *greatest = fmax(*greatest, (double)event->weight);
        if (leave_out && leave_out[i])
            continue;
        if (!used++ || event->time > learning->reference)
            learning->reference = event->time;
    }
    return used;
}

struct learning *learning_create(const struct trainer *trainer, const bool *leave_out, double half_life)
{
    struct learning *learning = memory_alloc(1, sizeof(*learning));
    double greatest = 0;
    size_t used = survey(learning, trainer, leave_out, &greatest);
    learning->user_count = trainer->user_count;
    learning->item_count = intern_count(trainer->ids);
    learning->items = memory_alloc(used, sizeof(*learning->items));
    learning->ages = memory_alloc(used, sizeof(*learning->ages));
    learning->bases = memory_alloc(used, sizeof(*learning->bases));
    group_by_user(learning, trainer, leave_out, greatest);
    learning->strengths = memory_alloc(learning_size(learning), sizeof(float));
    learning->item_strengths = memory_alloc(learning_size(learning), sizeof(float));
    learning->user_degrees = memory_alloc(learning->user_count, sizeof(float));
    learning->item_degrees = memory_alloc(learning->item_count, sizeof(float));
    learning->item_counts = memory_alloc(learning->item_count, sizeof(uint32_t));
    group_by_item(learning);
    learning_decay(learning, half_life);
    return learning;
}

void learning_destroy(struct learning *learning)
{
    if (!learning)
        return;
    memory_free(learning->user_starts);
    memory_free(learning->items);
    memory_free(learning->ages);
    memory_free(learning->bases);
    memory_free(learning->strengths);
    memory_free(learning->item_starts);
    memory_free(learning->item_users);
    memory_free(learning->item_places);
    memory_free(learning->item_strengths);
    memory_free(learning->user_degrees);
    memory_free(learning->item_degrees);
    memory_free(learning->item_counts);
    memory_free(learning);
}
