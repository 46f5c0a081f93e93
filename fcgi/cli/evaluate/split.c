/* Splits of events into what is learned from and what must be found; see split.h.
 *
 * The problem: a recommender is to be judged by what users do next, and the only users there are have
 * already done it. So some of the events are hidden, the method learns from the others, and what it lists
 * is compared with what was hidden. How events are hidden decides what is measured.
 *
 * By time (last-30d) is the honest way: nothing that is learned from is later than what must be found, as
 * in service. It needs enough days. The last event of each user (last-1) tests the most users with the
 * least data, but learns from events that are later than the hidden ones of other users, so trends leak
 * and every method looks a little better. At random (random-10) is for files without times: it measures
 * how well the gaps of a history are filled, not what comes next, and flatters methods that know which
 * items go together.
 *
 * In each split only what is new to the user counts as a thing to be found: the lists leave out what the
 * user has, so to hide a repeated purchase would ask for what can never be listed. A hidden event must
 * weigh as much as a view, because to foresee an impression is no success.
 *
 * The random split is drawn by a hash of seed, user and item, not by a generator: an event is hidden or
 * not whatever else is in the file, so two files of the same shop that differ in some rows are split
 * alike, and all events of one user with one item fall on the same side.
 *
 * Cost: one pass over the events, one sort of the hidden items of each user, and for each of them a walk
 * through the user's history: O(events + hidden x history). No cross validation: the intervals of
 * metrics.c say how sure the result is. */
#include "cli/evaluate/split.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t DAY_MS = INT64_C(86400) * 1000;

/* The number between what the text begins and ends with. */
static bool read_amount(const char *text, const char *begin, const char *end, int64_t maximum,
                        uint32_t *amount)
{
    char digits[8];
    size_t length = strlen(text), head = strlen(begin), tail = strlen(end);
    int64_t number;
    if (length <= head + tail || length - head - tail >= sizeof(digits) || strncmp(text, begin, head) ||
        strcmp(text + length - tail, end))
        return false;
    memcpy(digits, text + head, length - head - tail);
    digits[length - head - tail] = '\0';
    if (!text_to_int64(digits, &number) || number < 1 || number > maximum)
        return false;
    *amount = (uint32_t)number;
    return true;
}

bool split_parse(const char *text, struct split *split)
{
    *split = (struct split){.kind = SPLIT_LAST, .amount = 1};
    if (!strcmp(text, "last-1"))
        return true;
    split->kind = SPLIT_DAYS;
    if (read_amount(text, "last-", "d", 3650, &split->amount))
        return true;
    split->kind = SPLIT_RANDOM;
    return read_amount(text, "random-", "", 50, &split->amount);
}

struct split split_choose(struct split wanted, const struct event_set *set)
{
    int64_t span = set->newest - set->oldest;
    if (wanted.kind != SPLIT_AUTOMATIC)
        return wanted;
    if (span > 60 * DAY_MS)
        return (struct split){.kind = SPLIT_DAYS, .amount = 30};
    if (span > 0)
        return (struct split){.kind = SPLIT_LAST, .amount = 1};
    return (struct split){.kind = SPLIT_RANDOM, .amount = 10};
}

struct split_name split_name(struct split split)
{
    struct split_name name = {"automatic"};
    if (split.kind == SPLIT_DAYS)
        snprintf(name.text, sizeof(name.text), "last-%ud", split.amount);
    else if (split.kind == SPLIT_LAST)
        snprintf(name.text, sizeof(name.text), "last-1");
    else if (split.kind == SPLIT_RANDOM)
        snprintf(name.text, sizeof(name.text), "random-%u", split.amount);
    return name;
}

/* Evenly spread 64 bits. The byte 0xFF, which no UTF-8 has, keeps ("ab", "c") and ("a", "bc") apart. */
static uint64_t hash_pair(uint64_t seed, const char *user, const char *item)
{
    uint64_t hash = hash_bytes(HASH_START ^ seed, user, strlen(user));
    hash = hash_bytes(hash_bytes(hash, "\xFF", 1), item, strlen(item));
    return hash_finish(hash_bytes(hash, "\xFF", 1));
}

/* Decides about the event at this place. Events are sorted by user and time, so the last of a user is the
 * one before the next user's first. */
static bool is_held_out(struct split split, uint64_t seed, const struct event_set *set, size_t place)
{
    const struct set_event *event = &set->events[place];
    switch (split.kind) {
    case SPLIT_DAYS:
        return event->occurred_at >= set->newest - split.amount * DAY_MS;
    case SPLIT_LAST:
        return place + 1 == set->starts[event->user + 1];
    default:
        return hash_pair(seed, intern_text(set->users, event->user), intern_text(set->items, event->item)) %
                   100 <
               split.amount;
    }
}

/* Moves the held-out events behind the others; returns where they begin. Both stay in their order. */
static size_t divide_events(struct split split, uint64_t seed, struct event_set *set, struct set_event *held)
{
    size_t kept = 0, held_count = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (is_held_out(split, seed, set, i))
            held[held_count++] = set->events[i];
        else
            set->events[kept++] = set->events[i];
    }
    return kept;
}

static int compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Whether the user has an event with the item in what is left to learn from. Histories are short, and few
 * events are hidden, so that a walk is enough. */
static bool is_known(const struct event_set *set, uint32_t user, uint32_t item)
{
    for (size_t i = set->starts[user]; i < set->starts[user + 1]; i++) {
        if (set->events[i].item == item)
            return true;
    }
    return false;
}

/* Adds the tests of one user, whose held-out events these are. */
static void add_user(struct split_tests *tests, const struct event_set *set, const struct set_event *held,
                     size_t count)
{
    size_t first = tests->starts[tests->user_count], end = first, unique = first;
    uint32_t user = held->user;
    if (set->starts[user] == set->starts[user + 1])
        return;
    for (size_t i = 0; i < count; i++) {
        if (held[i].weight >= TEST_WEIGHT_MINIMUM && !is_known(set, user, held[i].item))
            tests->items[end++] = held[i].item;
    }
    if (end == first)
        return;
    /* Sorted and each once: metrics_of_list() searches them by halves, and several hidden events with one
     * item are one thing to be found. */
    qsort(tests->items + first, end - first, sizeof(*tests->items), compare_numbers);
    for (size_t i = first; i < end; i++) {
        if (i == first || tests->items[i] != tests->items[unique - 1])
            tests->items[unique++] = tests->items[i];
    }
    tests->users[tests->user_count++] = user;
    tests->starts[tests->user_count] = unique;
}

struct split_tests *split_apply(struct split split, uint64_t seed, struct event_set *set)
{
    struct split_tests *tests = memory_alloc(1, sizeof(*tests));
    struct set_event *held = memory_alloc(set->count + 1, sizeof(*held));
    size_t kept = divide_events(split, seed, set, held), held_count = set->count - kept, next;
    set->count = kept;
    event_set_finish(set);
    uint32_t users = intern_count(set->users);
    tests->users = memory_alloc((size_t)users + 1, sizeof(*tests->users));
    tests->starts = memory_alloc((size_t)users + 2, sizeof(*tests->starts));
    tests->items = memory_alloc(held_count + 1, sizeof(*tests->items));
    for (size_t i = 0; i < held_count; i = next) {
        for (next = i + 1; next < held_count && held[next].user == held[i].user;)
            next++;
        add_user(tests, set, held + i, next - i);
    }
    memory_free(held);
    return tests;
}

void split_tests_destroy(struct split_tests *tests)
{
    if (!tests)
        return;
    memory_free(tests->users);
    memory_free(tests->starts);
    memory_free(tests->items);
    memory_free(tests);
}
