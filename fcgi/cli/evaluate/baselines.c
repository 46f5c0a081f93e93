/* The plain methods that a recommender must beat; see baselines.h.
 *
 * The problem: a recall of 0.08 says nothing by itself. What a shop needs to know is whether learning from
 * its users is worth more than a list of best sellers, which costs nothing. So three methods that anyone
 * can build are measured beside ours, under the same rules: popularity, popularity of the last 30 days,
 * and item-kNN, which despite its age is hard to beat on sparse data (Dacrema, Cremonesi and Jannach,
 * RecSys 2019).
 *
 * Item-kNN (Sarwar, Karypis, Konstan and Riedl, WWW 2001): two items are near when the same users have
 * them,
 *
 *     cosine(a, b) = users with both / sqrt(users with a * users with b)
 *
 * and each item keeps its 100 nearest. The score of an item for a user is the sum of its cosines with
 * those of its own nearest that the user has. Events are taken as had or not had, whatever their weight
 * and number.
 *
 * The cosines are found item by item: the users of the item are walked, and all items of each of them are
 * counted in an array by item; only the counters that were touched are looked at and set back. So the time
 * is the sum over users of the square of their number of items, and pairs that no user has cost nothing. A
 * user with very many items dominates it, and is not cut, because that would change the method.
 *
 * "Nearest" is a relation from an item to those near it, while a score sums in the other direction: over
 * the items of the user, to those that have them among their nearest. So the table is turned around once,
 * and a ranking walks the rows of the user's items only.
 *
 * Memory: 8 bytes for each of 100 neighbours an item while learning, and as much again for the turned
 * table; two copies of the pairs of user and item. Deterministic: ties go to the more popular item, then
 * to the one that came first in the file. It does not learn anything on the side (no shrinkage, no weights
 * by time): a baseline that is tuned is no baseline. */
#include "cli/evaluate/baselines.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { NEIGHBOURS = 100, PROGRESS_EVERY = 256 };
static const int64_t RECENT_MS = INT64_C(30) * 86400 * 1000;

struct neighbour {
    uint32_t item;
    float weight;
};

struct baselines {
    uint32_t user_count, item_count;
    size_t *user_starts, *item_starts;
    uint32_t *user_items; /* the items of each user, each once */
    uint32_t *item_users; /* the users of each item */
    double *popularity, *recent;
    size_t *row_starts;     /* where the rows of items begin */
    struct neighbour *rows; /* of each item those that have it among their nearest */
    double *scores;         /* by item, of one ranking */
    uint64_t *seen;         /* bitmap by item, of one ranking */
};

/* Each user's items once, and how many users each item has, in all and in the last 30 days. last_user
 * remembers, by item, the user that was counted last (plus 1): events are sorted by user, so that is all
 * it takes to count each user once. */
static void collect_pairs(struct baselines *baselines, const struct event_set *set)
{
    uint32_t *last_user = memory_alloc((size_t)baselines->item_count + 1, sizeof(*last_user));
    uint32_t *last_recent = memory_alloc((size_t)baselines->item_count + 1, sizeof(*last_recent));
    size_t count = 0;
    for (uint32_t user = 0; user < baselines->user_count; user++) {
        for (size_t i = set->starts[user]; i < set->starts[user + 1]; i++) {
            uint32_t item = set->events[i].item;
            if (last_user[item] != user + 1) {
                last_user[item] = user + 1;
                baselines->user_items[count++] = item;
                baselines->popularity[item]++;
            }
            if (set->events[i].occurred_at >= set->newest - RECENT_MS && last_recent[item] != user + 1) {
                last_recent[item] = user + 1;
                baselines->recent[item]++;
            }
        }
        baselines->user_starts[user + 1] = count;
    }
    memory_free(last_user);
    memory_free(last_recent);
}

/* The users of each item, from the items of each user: a counting sort, since popularity says how long
 * each row is. */
static void turn_pairs(struct baselines *baselines)
{
    size_t *next = memory_alloc((size_t)baselines->item_count + 1, sizeof(*next));
    for (uint32_t item = 0; item < baselines->item_count; item++) {
        baselines->item_starts[item + 1] = baselines->item_starts[item] + (size_t)baselines->popularity[item];
        next[item] = baselines->item_starts[item];
    }
    for (uint32_t user = 0; user < baselines->user_count; user++) {
        for (size_t i = baselines->user_starts[user]; i < baselines->user_starts[user + 1]; i++)
            baselines->item_users[next[baselines->user_items[i]]++] = user;
    }
    memory_free(next);
}

static bool is_nearer(struct neighbour a, struct neighbour b)
{
    return a.weight != b.weight ? a.weight > b.weight : a.item < b.item;
}

/* Keeps the nearest, in order. Few get past the first comparison. */
static size_t keep_nearest(struct neighbour *row, size_t count, struct neighbour candidate)
{
    if (count == NEIGHBOURS && !is_nearer(candidate, row[NEIGHBOURS - 1]))
        return count;
    size_t place = count < NEIGHBOURS ? count++ : NEIGHBOURS - 1;
    for (; place && is_nearer(candidate, row[place - 1]); place--)
        row[place] = row[place - 1];
    row[place] = candidate;
    return count;
}

/* nearest: NEIGHBOURS for each item, weight 0: none; counts: zero, by item; touched: room for all items. */
static void find_neighbours(const struct baselines *baselines, uint32_t item, struct neighbour *nearest,
                            uint32_t *counts, uint32_t *touched)
{
    struct neighbour *row = &nearest[(size_t)item * NEIGHBOURS];
    size_t count = 0, kept = 0;
    for (size_t i = baselines->item_starts[item]; i < baselines->item_starts[item + 1]; i++) {
        uint32_t user = baselines->item_users[i];
        for (size_t j = baselines->user_starts[user]; j < baselines->user_starts[user + 1]; j++) {
            uint32_t other = baselines->user_items[j];
            if (other != item && !counts[other]++)
                touched[count++] = other;
        }
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t other = touched[i];
        double norm = sqrt(baselines->popularity[item] * baselines->popularity[other]);
        struct neighbour candidate = {.item = other, .weight = (float)(counts[other] / norm)};
        kept = keep_nearest(row, kept, candidate);
        counts[other] = 0;
    }
}

/* From "whom each item has near" to "who has each item near". */
static void turn_rows(struct baselines *baselines, const struct neighbour *nearest)
{
    size_t places = (size_t)baselines->item_count * NEIGHBOURS, *starts = baselines->row_starts;
    for (size_t i = 0; i < places; i++) {
        if (nearest[i].weight > 0)
            starts[nearest[i].item + 1]++;
    }
    for (uint32_t item = 0; item < baselines->item_count; item++)
        starts[item + 1] += starts[item];
    baselines->rows = memory_alloc(starts[baselines->item_count] + 1, sizeof(*baselines->rows));
    size_t *next = memory_alloc((size_t)baselines->item_count + 1, sizeof(*next));
    memcpy(next, starts, baselines->item_count * sizeof(*next));
    for (size_t i = 0; i < places; i++) {
        if (nearest[i].weight > 0)
            baselines->rows[next[nearest[i].item]++] =
                (struct neighbour){.item = (uint32_t)(i / NEIGHBOURS), .weight = nearest[i].weight};
    }
    memory_free(next);
}

static bool find_all_neighbours(struct baselines *baselines, baselines_progress *progress, void *context)
{
    size_t items = baselines->item_count;
    struct neighbour *nearest = memory_alloc(items * NEIGHBOURS + 1, sizeof(*nearest));
    uint32_t *counts = memory_alloc(items + 1, sizeof(*counts));
    uint32_t *touched = memory_alloc(items + 1, sizeof(*touched));
    bool go_on = true;
    for (uint32_t item = 0; item < items && go_on; item++) {
        find_neighbours(baselines, item, nearest, counts, touched);
        if (item % PROGRESS_EVERY == 0)
            go_on = progress(context, item, items);
    }
    if (go_on)
        turn_rows(baselines, nearest);
    memory_free(nearest);
    memory_free(counts);
    memory_free(touched);
    return go_on;
}

struct baselines *baselines_learn(const struct event_set *set, baselines_progress *progress, void *context)
{
    struct baselines *baselines = memory_alloc(1, sizeof(*baselines));
    baselines->user_count = intern_count(set->users);
    baselines->item_count = intern_count(set->items);
    size_t users = baselines->user_count, items = baselines->item_count;
    baselines->user_starts = memory_alloc(users + 1, sizeof(*baselines->user_starts));
    baselines->item_starts = memory_alloc(items + 1, sizeof(*baselines->item_starts));
    baselines->user_items = memory_alloc(set->count + 1, sizeof(*baselines->user_items));
    baselines->item_users = memory_alloc(set->count + 1, sizeof(*baselines->item_users));
    baselines->popularity = memory_alloc(items + 1, sizeof(*baselines->popularity));
    baselines->recent = memory_alloc(items + 1, sizeof(*baselines->recent));
    baselines->row_starts = memory_alloc(items + 1, sizeof(*baselines->row_starts));
    baselines->scores = memory_alloc(items + 1, sizeof(*baselines->scores));
    baselines->seen = memory_alloc(items / 64 + 1, sizeof(*baselines->seen));
    collect_pairs(baselines, set);
    turn_pairs(baselines);
    if (find_all_neighbours(baselines, progress, context))
        return baselines;
    baselines_destroy(baselines);
    return NULL;
}

void baselines_destroy(struct baselines *baselines)
{
    if (!baselines)
        return;
    memory_free(baselines->user_starts);
    memory_free(baselines->item_starts);
    memory_free(baselines->user_items);
    memory_free(baselines->item_users);
    memory_free(baselines->popularity);
    memory_free(baselines->recent);
    memory_free(baselines->row_starts);
    memory_free(baselines->rows);
    memory_free(baselines->scores);
    memory_free(baselines->seen);
    memory_free(baselines);
}

/* The scores of all items for a user; valid until the next call. */
static const double *score_items(struct baselines *baselines, enum baseline method, uint32_t user)
{
    if (method == BASELINE_POPULAR)
        return baselines->popularity;
    if (method == BASELINE_RECENT)
        return baselines->recent;
    memset(baselines->scores, 0, baselines->item_count * sizeof(*baselines->scores));
    for (size_t i = baselines->user_starts[user]; i < baselines->user_starts[user + 1]; i++) {
        uint32_t item = baselines->user_items[i];
        for (size_t j = baselines->row_starts[item]; j < baselines->row_starts[item + 1]; j++)
            baselines->scores[baselines->rows[j].item] += (double)baselines->rows[j].weight;
    }
    return baselines->scores;
}

struct ranking {
    const struct baselines *baselines;
    const double *scores;
};

/* Comes a before b? Never true both ways. */
static bool is_better(const struct ranking *ranking, uint32_t a, uint32_t b)
{
    const double *popularity = ranking->baselines->popularity;
    if (ranking->scores[a] != ranking->scores[b])
        return ranking->scores[a] > ranking->scores[b];
    if (popularity[a] != popularity[b])
        return popularity[a] > popularity[b];
    return a < b;
}

/* Inserts into the sorted list: k is small, and few items get this far. */
static size_t insert_item(const struct ranking *ranking, uint32_t item, size_t k, uint32_t *items,
                          size_t count)
{
    if (count == k && !is_better(ranking, item, items[k - 1]))
        return count;
    size_t place = count < k ? count++ : k - 1;
    while (place && is_better(ranking, item, items[place - 1])) {
        items[place] = items[place - 1];
        place--;
    }
    items[place] = item;
    return count;
}

static void mark_seen(struct baselines *baselines, uint32_t user, bool seen)
{
    for (size_t i = baselines->user_starts[user]; i < baselines->user_starts[user + 1]; i++) {
        uint64_t bit = UINT64_C(1) << baselines->user_items[i] % 64;
        uint64_t *word = &baselines->seen[baselines->user_items[i] / 64];
        *word = seen ? *word | bit : *word & ~bit;
    }
}

size_t baselines_rank(struct baselines *baselines, enum baseline method, uint32_t user, size_t k,
                      uint32_t *items)
{
    struct ranking ranking = {baselines, score_items(baselines, method, user)};
    size_t count = 0;
    mark_seen(baselines, user, true);
    for (uint32_t item = 0; item < baselines->item_count; item++) {
        if (ranking.scores[item] > 0 && !(baselines->seen[item / 64] >> item % 64 & 1))
            count = insert_item(&ranking, item, k, items, count);
    }
    mark_seen(baselines, user, false);
    return count;
}
