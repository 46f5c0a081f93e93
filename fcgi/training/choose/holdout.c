/* Splitting the events into a part to learn from and a part to be found again; see holdout.h.
 *
 * The better the held-out part resembles the future, the better the choice. Three ways, the best that the
 * data allow, each tried until at least 50 users can be measured:
 *
 * - window: all events of the last days, an eighth of the whole span and at most 30 days. Needs 14 days of
 * events. Whoever acts in the window is measured by what they do there.
 * - last: the last item of half of the users, where times give an order but span too little. The other half
 * keeps everything: where histories are short, taking one item from everybody would tear apart what belongs
 * together.
 * - random: a fifth of each user's items, where there are no times. Drawing single items flatters learners of
 *   fine detail, since all that goes with an item stays in the history; so for half of the users the items
 * that are most alike to a first one go together, since what comes next often comes with its own company.
 *
 * With fewer users nothing is measured, and the default configuration is used.
 *
 * Users are drawn by a hash of their number and the seed, at most 10,000 and until their histories have
 * 100,000 items: a bound on time that leaves standard errors small. Everything drawn is drawn by such hashes
 * and not from a running generator, so it does not depend on order or threads.
 *
 * Cost: two groupings of the events (training/learn/learning.c), and in the random case one gram row for each
 * user. */
#include "training/choose/holdout.h"

#include "base/hash.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY = 86400,
    WINDOW_SPAN_MIN = 14, /* days of events, below which times only say an order */
    WINDOW_DAYS_MAX = 30,
    WINDOW_PART = 8,      /* of the whole span */
    GROUP_PART = 5,       /* of a user's items */
    SAMPLE_USERS = 500,   /* without a held-out part */
    MANY_USERS = 100000,  /* beyond this not all users lose items to a random held-out part, */
    LOSING_USERS = 20000, /* but about so many */
};
static const size_t heavy_size = 3000000; /* interactions, below which all fits into caches */

const char *holdout_kind_name(enum holdout_kind kind)
{
    static const char *const names[] = {"none", "last window", "last item of half of the users",
                                        "a fifth of each user's items"};
    return (unsigned)kind < sizeof(names) / sizeof(*names) ? names[kind] : "?";
}

static int64_t time_span(const struct learning *all)
{
    uint32_t greatest = 0;
    for (size_t i = 0; i < learning_size(all); i++)
        if (all->ages[i] > greatest)
            greatest = all->ages[i];
    return greatest;
}

/* Do most users' events come one after the other? */
static bool has_order(const struct learning *all)
{
    uint32_t ordered = 0, counted = 0;
    for (uint32_t user = 0; user < all->user_count; user++) {
        size_t start = all->user_starts[user], end = all->user_starts[user + 1];
        if (end - start < 2)
            continue;
        counted++;
        ordered += all->ages[start] > all->ages[end - 1];
    }
    return ordered * 2 > counted;
}

/* Draws one more of a user's items to be held out. */
static size_t draw_item(const struct holdout *holdout, const struct learning *all, uint32_t user)
{
    size_t start = all->user_starts[user], end = all->user_starts[user + 1], drawn = start;
    uint64_t least = UINT64_MAX;
    for (size_t i = start; i < end; i++) {
        uint64_t random = hash_draw(hash_draw(holdout->seed ^ user) ^ all->items[i]);
        if (!holdout->held[i] && random < least) {
            least = random;
            drawn = i;
        }
    }
    return drawn;
}

struct grouping {
    struct holdout *holdout;
    const struct learning *all;
    const struct members *members;
    struct working_row *working; /* by thread */
};

static bool loses_items(const struct holdout *holdout, const struct learning *all, uint32_t user)
{
    return all->user_count <= MANY_USERS ||
           hash_draw(hash_draw(holdout->seed + 3) ^ user) % all->user_count < LOSING_USERS;
}

/* Holds out a part of the user's items: for half of the users drawn one by one, for the others one and those
 * that are most alike to it. */
static void hold_out_group(void *context, size_t piece, unsigned thread)
{
    struct grouping *grouping = context;
    const struct learning *all = grouping->all;
    struct working_row *row = &grouping->working[thread];
    size_t start = all->user_starts[piece], end = all->user_starts[piece + 1], count = end - start;
    if (count < 2 || !loses_items(grouping->holdout, all, (uint32_t)piece))
        return;
    size_t first = draw_item(grouping->holdout, all, (uint32_t)piece), wanted = count / GROUP_PART;
    grouping->holdout->held[first] = true;
    if (hash_draw(grouping->holdout->seed + 2 + piece) & 1) {
        for (; wanted > 1; wanted--)
            grouping->holdout->held[draw_item(grouping->holdout, all, (uint32_t)piece)] = true;
        return;
    }
    members_add_row(grouping->members, MEMBER_GRAM, all->items[first], 1, row);
    for (; wanted > 1; wanted--) {
        size_t best = first;
        for (size_t i = start; i < end; i++)
            if (!grouping->holdout->held[i] &&
                (best == first || row->values[all->items[i]] > row->values[all->items[best]]))
                best = i;
        grouping->holdout->held[best] = true;
    }
    working_row_clear(row);
}

/* Where no times tell what came later. Single items drawn by chance leave all that belongs to them in the
 * history, which flatters learners of fine detail; what comes next often comes with its own company. */
static void hold_out_groups(struct holdout *holdout, const struct learning *all)
{
    struct working_row working[TRAINER_THREADS_MAX];
    struct configuration configuration = {.gram_user = 0.5, .gram_source = 0.5, .gram_target = 0.5};
    struct members members;
    struct grouping grouping = {.holdout = holdout, .all = all, .members = &members, .working = working};
    members_create(&members, all, &configuration);
    unsigned threads = holdout->steps->threads;
    for (unsigned i = 0; i < threads; i++)
        working_row_create(&working[i], all->item_count);
    steps_run_whole(holdout->steps, "choice", all->user_count, hold_out_group, &grouping);
    for (unsigned i = 0; i < threads; i++)
        working_row_release(&working[i]);
    members_release(&members);
}

/* Half of the users keep all that they did. Where histories are short, what belongs together would otherwise
 * be torn apart for everybody, and behaviour would seem to say nothing. */
static bool loses_last(const struct holdout *holdout, uint32_t user)
{
    return hash_draw(hash_draw(holdout->seed + 2) ^ user) % 2 == 0;
}

/* Is the i-th interaction of all held out? */
static bool is_held_out(const struct holdout *holdout, const struct learning *all, uint32_t user, size_t i)
{
    size_t start = all->user_starts[user], end = all->user_starts[user + 1];
    switch (holdout->kind) {
    case HOLDOUT_WINDOW:
        return all->ages[i] < (uint32_t)holdout->window_days * DAY;
    case HOLDOUT_LAST:
        return end - start > 1 && i == end - 1 && loses_last(holdout, user);
    case HOLDOUT_RANDOM:
        return holdout->held[i];
    case HOLDOUT_NONE:
        break;
    }
    return false;
}

/* Marks the events that are not to be learned from. By event and not by interaction: in a window, a user may
 * have an item before and in it, and the earlier event stays. */
static void leave_out_events(const struct holdout *holdout, const struct trainer *trainer,
                             const struct learning *all, bool *leave_out)
{
    int64_t cut = all->reference - (int64_t)holdout->window_days * DAY;
    uint32_t *held = memory_alloc(learning_size(all), sizeof(*held));
    size_t *starts = memory_alloc((size_t)all->user_count + 1, sizeof(*starts)), count = 0;
    for (uint32_t user = 0; user < all->user_count; user++) {
        for (size_t i = all->user_starts[user]; i < all->user_starts[user + 1]; i++)
            if (is_held_out(holdout, all, user, i))
                held[count++] = all->items[i];
        starts[user + 1] = count;
    }
    for (uint32_t user = 0; user < trainer->user_count; user++) {
        for (size_t i = trainer->event_starts[user]; i < trainer->event_starts[user + 1]; i++) {
            const struct trainer_event *event = &trainer->events[i];
            leave_out[i] = holdout->kind == HOLDOUT_WINDOW && event->time > cut;
            for (size_t k = starts[user]; k < starts[user + 1] && !leave_out[i]; k++)
                leave_out[i] =
                    holdout->kind != HOLDOUT_WINDOW && held[k] == trainer->trained.ranks[event->item];
        }
    }
    memory_free(held);
    memory_free(starts);
}

static bool is_in_history(const struct holdout_user *user, uint32_t item)
{
    for (uint32_t i = 0; i < user->history_count; i++)
        if (user->history[i] == item)
            return true;
    return false;
}

/* Fills one user from both learning sets; false when it cannot be measured. */
static bool make_user(const struct holdout *holdout, const struct learning *all, uint32_t number,
                      uint32_t *room, struct holdout_user *user)
{
    const struct learning *left = holdout->learning;
    *user = (struct holdout_user){.history = room};
    for (size_t i = left->user_starts[number + 1]; i > left->user_starts[number]; i--)
        user->history[user->history_count++] = left->items[i - 1];
    user->targets = room + user->history_count;
    for (size_t i = all->user_starts[number]; i < all->user_starts[number + 1]; i++)
        if (is_held_out(holdout, all, number, i) && !is_in_history(user, all->items[i]))
            user->targets[user->target_count++] = all->items[i];
    return user->history_count && (user->target_count || holdout->kind == HOLDOUT_NONE);
}

struct draw {
    uint64_t order;
    uint32_t user;
};

static int compare_draws(const void *left, const void *right)
{
    const struct draw *a = left, *b = right;
    return a->order != b->order ? (a->order > b->order) - (a->order < b->order)
                                : (a->user > b->user) - (a->user < b->user);
}

/* A random sample of the users that can be measured. */
static void draw_users(struct holdout *holdout, const struct learning *all)
{
    struct draw *draws = memory_alloc(all->user_count, sizeof(*draws));
    uint32_t most = holdout->kind == HOLDOUT_NONE ? SAMPLE_USERS : HOLDOUT_USERS_MAX, *room;
    size_t history = 0;
    for (uint32_t user = 0; user < all->user_count; user++)
        draws[user] = (struct draw){.order = hash_draw(hash_draw(holdout->seed + 1) ^ user), .user = user};
    if (all->user_count)
        qsort(draws, all->user_count, sizeof(*draws), compare_draws);
    holdout->users = memory_alloc(most, sizeof(*holdout->users));
    holdout->numbers = room =
        memory_alloc(learning_size(all) + learning_size(holdout->learning), sizeof(*room));
    for (uint32_t i = 0; i < all->user_count && holdout->user_count < most && history < HOLDOUT_HISTORY_MAX;
         i++) {
        struct holdout_user *user = &holdout->users[holdout->user_count];
        if (make_user(holdout, all, draws[i].user, room, user)) {
            room += user->history_count + user->target_count;
            history += user->history_count;
            holdout->user_count++;
        }
    }
    memory_free(draws);
}

static void split_events(struct holdout *holdout, const struct trainer *trainer, const struct learning *all)
{
    bool *leave_out = memory_alloc(trainer->event_count, sizeof(*leave_out));
    leave_out_events(holdout, trainer, all, leave_out);
    holdout->learning = learning_create(trainer, leave_out, 0);
    memory_free(leave_out);
    draw_users(holdout, all);
}

static void release_split(struct holdout *holdout)
{
    learning_destroy(holdout->learning);
    memory_free(holdout->users);
    memory_free(holdout->numbers);
    holdout->learning = NULL;
    holdout->user_count = 0;
}

/* The kinds to try, the best first. */
static size_t possible_kinds(const struct learning *all, int64_t span, enum holdout_kind kinds[4])
{
    size_t count = 0;
    if (span >= (int64_t)WINDOW_SPAN_MIN * DAY)
        kinds[count++] = HOLDOUT_WINDOW;
    if (has_order(all))
        kinds[count++] = HOLDOUT_LAST;
    kinds[count++] = HOLDOUT_RANDOM;
    kinds[count++] = HOLDOUT_NONE;
    return count;
}

/* How many additions one item's row takes: the sum of the lengths of its users' histories. */
static double row_cost(const struct learning *learning, uint32_t item)
{
    double cost = 0;
    for (size_t k = learning->item_starts[item]; k < learning->item_starts[item + 1]; k++) {
        uint32_t user = learning->item_users[k];
        cost += (double)(learning->user_starts[user + 1] - learning->user_starts[user]);
    }
    return cost;
}

/* All items of histories, and whether adding up for each user by itself would cost too much. */
static void survey_histories(struct holdout *holdout)
{
    const struct learning *learning = holdout->learning;
    uint32_t *times = memory_alloc(learning->item_count, sizeof(*times));
    double by_users = 0, by_items = 0;
    holdout->history_items = memory_alloc(learning->item_count, sizeof(*holdout->history_items));
    for (uint32_t u = 0; u < holdout->user_count; u++)
        for (uint32_t i = 0; i < holdout->users[u].history_count; i++)
            if (!times[holdout->users[u].history[i]]++)
                holdout->history_items[holdout->history_item_count++] = holdout->users[u].history[i];
    for (uint32_t i = 0; i < holdout->history_item_count; i++) {
        double cost = row_cost(learning, holdout->history_items[i]);
        by_items += cost;
        by_users += cost * times[holdout->history_items[i]];
    }
    holdout->heavy = learning_size(learning) > heavy_size && by_users > 2 * by_items;
    memory_free(times);
}

static void choose_kind(struct holdout *holdout, const struct trainer *trainer)
{
    struct learning *all = learning_create(trainer, NULL, 0);
    enum holdout_kind kinds[4];
    int64_t span = time_span(all), days = span / WINDOW_PART / DAY;
    size_t count = possible_kinds(all, span, kinds);
    holdout->window_days = (int)(days < 1 ? 1 : days > WINDOW_DAYS_MAX ? WINDOW_DAYS_MAX : days);
    holdout->held = memory_alloc(learning_size(all), sizeof(*holdout->held));
    for (size_t i = 0; i < count; i++) {
        holdout->kind = kinds[i];
        if (holdout->kind == HOLDOUT_RANDOM)
            hold_out_groups(holdout, all);
        split_events(holdout, trainer, all);
        if (holdout->kind == HOLDOUT_NONE || holdout->user_count >= HOLDOUT_USERS_MIN)
            break;
        release_split(holdout);
    }
    learning_destroy(all);
    memory_free(holdout->held);
    holdout->held = NULL;
}

void holdout_create(struct holdout *holdout, const struct trainer *trainer, struct trainer_steps *steps)
{
    memset(holdout, 0, sizeof(*holdout));
    holdout->seed = trainer->options.seed;
    holdout->steps = steps;
    choose_kind(holdout, trainer);
    survey_histories(holdout);
    holdout->working = memory_alloc(steps->threads, sizeof(*holdout->working));
    holdout->rooms = memory_alloc(steps->threads, sizeof(*holdout->rooms));
    holdout->weights = memory_alloc(steps->threads, sizeof(*holdout->weights));
    for (unsigned i = 0; i < steps->threads; i++) {
        working_row_create(&holdout->working[i], holdout->learning->item_count);
        working_users_create(&holdout->rooms[i], holdout->learning->user_count);
        holdout->weights[i] = memory_alloc(LEARNING_USER_ITEMS_MAX, sizeof(float));
    }
    holdout->ideal = memory_alloc(HOLDOUT_DEPTH + 1, sizeof(float));
    for (int i = 0; i < HOLDOUT_DEPTH; i++)
        holdout->ideal[i + 1] = holdout->ideal[i] + (float)(1 / log2(i + 2));
}

void holdout_release(struct holdout *holdout)
{
    release_split(holdout);
    for (unsigned i = 0; i < holdout->steps->threads; i++) {
        working_row_release(&holdout->working[i]);
        working_users_release(&holdout->rooms[i]);
        memory_free(holdout->weights[i]);
    }
    memory_free(holdout->history_items);
    memory_free(holdout->rooms);
    memory_free(holdout->weights);
    memory_free(holdout->working);
    memory_free(holdout->ideal);
}
