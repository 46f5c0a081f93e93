/* Events grouped by user and by item; see trainer_learning.h. */
#include "engine/trainer_learning.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COMPARE(left, right) (((left) > (right)) - ((left) < (right)))

/* Newest last; what came at one time in order of arrival. */
static int compare_in_time(const void *left, const void *right)
{
    const struct interaction *a = left, *b = right;
    int order = COMPARE(a->time, b->time);
    return order ? order : COMPARE(a->event, b->event);
}

/* By item, and the newest event first. */
static int compare_by_item(const void *left, const void *right)
{
    const struct interaction *a = left, *b = right;
    int order = COMPARE(a->item, b->item);
    return order ? order : compare_in_time(right, left);
}

static bool is_used(const bool *leave_out, size_t event)
{
    return !leave_out || !leave_out[event];
}

/* The used events by user; strength is their weight yet. */
static void group_by_user(struct learning *learning, const struct trainer *trainer, const bool *leave_out)
{
    size_t *ends = memory_alloc((size_t)learning->user_count + 1, sizeof(*ends)), used = 0;
    for (size_t i = 0; i < trainer->event_count; i++) {
        ends[trainer->events[i].user + 1] += is_used(leave_out, i);
        used += is_used(leave_out, i);
    }
    for (uint32_t user = 0; user < learning->user_count; user++)
        ends[user + 1] += ends[user];
    learning->sequences = memory_alloc(used, sizeof(*learning->sequences));
    for (size_t i = 0; i < trainer->event_count; i++) { /* moves each start to the next one's */
        const struct trainer_event *event = &trainer->events[i];
        if (is_used(leave_out, i))
            learning->sequences[ends[event->user]++] = (struct interaction){
                .item = trainer->trained.ranks[event->item],
                .strength = event->weight,
                .time = event->time,
                .event = i,
            };
    }
    memmove(ends + 1, ends, learning->user_count * sizeof(*ends));
    ends[0] = 0;
    learning->user_starts = ends;
}

/* Joins events of one item, keeps the newest items, oldest first. The number kept. */
static size_t merge_user(struct interaction *entries, size_t count, double greatest)
{
    size_t merged = 0;
    qsort(entries, count, sizeof(*entries), compare_by_item);
    for (size_t i = 0; i < count; i++) {
        if (merged && entries[merged - 1].item == entries[i].item)
            entries[merged - 1].strength += entries[i].strength;
        else
            entries[merged++] = entries[i];
    }
    qsort(entries, merged, sizeof(*entries), compare_in_time);
    if (merged > LEARNING_USER_ITEMS_MAX) {
        memmove(entries, entries + merged - LEARNING_USER_ITEMS_MAX,
                LEARNING_USER_ITEMS_MAX * sizeof(*entries));
        merged = LEARNING_USER_ITEMS_MAX;
    }
    for (size_t i = 0; i < merged; i++)
        entries[i].strength = (float)sqrt(fmin((double)entries[i].strength / greatest, 1));
    return merged;
}

static void merge_users(struct learning *learning, double greatest)
{
    size_t kept = 0;
    for (uint32_t user = 0; user < learning->user_count; user++) {
        struct interaction *own = learning->sequences + learning->user_starts[user];
        size_t count = learning->user_starts[user + 1] - learning->user_starts[user];
        count = count ? merge_user(own, count, greatest) : 0;
        memmove(learning->sequences + kept, own, count * sizeof(*own));
        learning->user_starts[user] = kept;
        kept += count;
    }
    learning->user_starts[learning->user_count] = kept;
}

static void group_by_item(struct learning *learning)
{
    size_t count = learning->user_starts[learning->user_count];
    size_t *starts = memory_alloc((size_t)learning->item_count + 1, sizeof(*starts));
    learning->item_users = memory_alloc(count, sizeof(uint32_t));
    learning->item_places = memory_alloc(count, sizeof(uint32_t));
    for (size_t i = 0; i < count; i++)
        starts[learning->sequences[i].item + 1]++;
    for (uint32_t item = 0; item < learning->item_count; item++) {
        learning->item_counts[item] = (uint32_t)starts[item + 1];
        starts[item + 1] += starts[item];
    }
    for (uint32_t user = 0; user < learning->user_count; user++) {
        for (size_t i = learning->user_starts[user]; i < learning->user_starts[user + 1]; i++) {
            size_t place = starts[learning->sequences[i].item]++;
            learning->item_users[place] = user;
            learning->item_places[place] = (uint32_t)(i - learning->user_starts[user]);
        }
    }
    memmove(starts + 1, starts, learning->item_count * sizeof(*starts));
    starts[0] = 0;
    learning->item_starts = starts;
}

void learning_decay(struct learning *learning, double half_life)
{
    size_t count = learning->user_starts[learning->user_count];
    memset(learning->user_degrees, 0, learning->user_count * sizeof(float));
    memset(learning->item_degrees, 0, learning->item_count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        const struct interaction *entry = &learning->sequences[i];
        double age = trainer_age_in_days(learning->reference, entry->time);
        double decay = half_life > 0 ? exp2(-age / half_life) : 1;
        learning->strengths[i] = (float)((double)entry->strength * decay);
        learning->items[i] = entry->item;
    }
    for (uint32_t user = 0; user < learning->user_count; user++)
        for (size_t i = learning->user_starts[user]; i < learning->user_starts[user + 1]; i++)
            learning->user_degrees[user] += learning->strengths[i];
    for (uint32_t item = 0; item < learning->item_count; item++) {
        for (size_t i = learning->item_starts[item]; i < learning->item_starts[item + 1]; i++) {
            float strength =
                learning
                    ->strengths[learning->user_starts[learning->item_users[i]] + learning->item_places[i]];
            learning->item_strengths[i] = strength;
            learning->item_degrees[item] += strength;
        }
    }
    for (uint32_t user = 0; user < learning->user_count; user++)
        learning->user_degrees[user] = fmaxf(learning->user_degrees[user], 1);
    for (uint32_t item = 0; item < learning->item_count; item++)
        learning->item_degrees[item] = fmaxf(learning->item_degrees[item], 1);
}

struct learning *learning_create(const struct trainer *trainer, const bool *leave_out, double half_life)
{
    struct learning *learning = memory_alloc(1, sizeof(*learning));
    double greatest = 0;
    for (size_t i = 0; i < trainer->event_count; i++)
        greatest = fmax(greatest, (double)trainer->events[i].weight);
    learning->user_count = intern_count(trainer->users);
    learning->item_count = intern_count(trainer->ids);
    group_by_user(learning, trainer, leave_out);
    merge_users(learning, greatest);
    size_t count = learning->user_starts[learning->user_count];
    for (size_t i = 0; i < count; i++)
        if (i == 0 || learning->sequences[i].time > learning->reference)
            learning->reference = learning->sequences[i].time;
    learning->strengths = memory_alloc(count, sizeof(float));
    learning->items = memory_alloc(count, sizeof(uint32_t));
    learning->item_strengths = memory_alloc(count, sizeof(float));
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
    memory_free(learning->sequences);
    memory_free(learning->strengths);
    memory_free(learning->items);
    memory_free(learning->item_starts);
    memory_free(learning->item_users);
    memory_free(learning->item_places);
    memory_free(learning->item_strengths);
    memory_free(learning->user_degrees);
    memory_free(learning->item_degrees);
    memory_free(learning->item_counts);
    memory_free(learning);
}
