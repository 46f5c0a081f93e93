/* Splitting, scoring and measuring; see trainer_holdout.h. */
#include "engine/trainer_holdout.h"

#include "base/memory.h"
#include "engine/trainer_parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY = 86400,
    WINDOW_SPAN_MIN = 14, /* days of events, below which times only say an order */
    WINDOW_DAYS_MAX = 30,
    WINDOW_PART = 8,    /* of the whole span */
    GROUP_PART = 5,     /* of a user's items */
    SAMPLE_USERS = 500, /* without a held-out part */
    CACHE_BYTES = 128 << 20,
    CACHE_WIDTH_MIN = 300,
};

const char *holdout_kind_name(enum holdout_kind kind)
{
    static const char *const names[] = {"none", "last window", "last item of half of the users",
                                        "a fifth of each user's items"};
    return (unsigned)kind < sizeof(names) / sizeof(*names) ? names[kind] : "?";
}

/* splitmix64, Steele et al. 2014. */
static uint64_t mix(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static int64_t time_span(const struct learning *all)
{
    int64_t oldest = all->reference;
    for (size_t i = 0; i < all->user_starts[all->user_count]; i++)
        if (all->sequences[i].time < oldest)
            oldest = all->sequences[i].time;
    return all->reference - oldest;
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
        ordered += all->sequences[start].time < all->sequences[end - 1].time;
    }
    return ordered * 2 > counted;
}

/* Draws one more of a user's items to be held out. */
static size_t draw_item(const struct holdout *holdout, const struct learning *all, uint32_t user)
{
    size_t start = all->user_starts[user], end = all->user_starts[user + 1], drawn = start;
    uint64_t least = UINT64_MAX;
    for (size_t i = start; i < end; i++) {
        uint64_t random = mix(mix(holdout->seed ^ user) ^ all->items[i]);
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

/* Holds out a part of the user's items: for half of the users drawn one by one, for the others one and those
 * that are most alike to it. */
static void hold_out_group(void *context, size_t piece, unsigned thread)
{
    struct grouping *grouping = context;
    const struct learning *all = grouping->all;
    struct working_row *row = &grouping->working[thread];
    size_t start = all->user_starts[piece], end = all->user_starts[piece + 1], count = end - start;
    if (count < 2)
        return;
    size_t first = draw_item(grouping->holdout, all, (uint32_t)piece), wanted = count / GROUP_PART;
    grouping->holdout->held[first] = true;
    if (mix(grouping->holdout->seed + 2 + piece) & 1) {
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
    for (unsigned i = 0; i < holdout->threads; i++)
        working_row_create(&working[i], all->item_count);
    trainer_parallel(holdout->threads, all->user_count, hold_out_group, &grouping);
    for (unsigned i = 0; i < holdout->threads; i++)
        working_row_release(&working[i]);
    members_release(&members);
}

/* Half of the users keep all that they did. Where histories are short, what belongs together would otherwise
 * be torn apart for everybody, and behaviour would seem to say nothing. */
static bool loses_last(const struct holdout *holdout, uint32_t user)
{
    return mix(mix(holdout->seed + 2) ^ user) % 2 == 0;
}

/* Is the i-th interaction of all held out? */
static bool is_held_out(const struct holdout *holdout, const struct learning *all, uint32_t user, size_t i)
{
    size_t start = all->user_starts[user], end = all->user_starts[user + 1];
    const struct interaction *entry = &all->sequences[i];
    switch (holdout->kind) {
    case HOLDOUT_WINDOW:
        return entry->time > all->reference - (int64_t)holdout->window_days * DAY;
    case HOLDOUT_LAST:
        return end - start > 1 && i == end - 1 && loses_last(holdout, user);
    case HOLDOUT_RANDOM:
        return holdout->held[i];
    case HOLDOUT_NONE:
        break;
    }
    return false;
}

/* Marks the events that are not to be learned from. */
static void leave_out_events(const struct holdout *holdout, const struct trainer *trainer,
                             const struct learning *all, bool *leave_out)
{
    int64_t cut = all->reference - (int64_t)holdout->window_days * DAY;
    uint32_t *held = memory_alloc(all->user_starts[all->user_count], sizeof(*held));
    size_t *starts = memory_alloc((size_t)all->user_count + 1, sizeof(*starts)), count = 0;
    for (uint32_t user = 0; user < all->user_count; user++) {
        for (size_t i = all->user_starts[user]; i < all->user_starts[user + 1]; i++)
            if (is_held_out(holdout, all, user, i))
                held[count++] = all->sequences[i].item;
        starts[user + 1] = count;
    }
    for (size_t i = 0; i < trainer->event_count; i++) {
        const struct trainer_event *event = &trainer->events[i];
        leave_out[i] = holdout->kind == HOLDOUT_WINDOW && event->time > cut;
        for (size_t k = starts[event->user]; k < starts[event->user + 1] && !leave_out[i]; k++)
            leave_out[i] = holdout->kind != HOLDOUT_WINDOW && held[k] == trainer->trained.ranks[event->item];
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
        user->history[user->history_count++] = left->sequences[i - 1].item;
    user->targets = room + user->history_count;
    for (size_t i = all->user_starts[number]; i < all->user_starts[number + 1]; i++)
        if (is_held_out(holdout, all, number, i) && !is_in_history(user, all->sequences[i].item))
            user->targets[user->target_count++] = all->sequences[i].item;
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
        draws[user] = (struct draw){.order = mix(mix(holdout->seed + 1) ^ user), .user = user};
    if (all->user_count)
        qsort(draws, all->user_count, sizeof(*draws), compare_draws);
    holdout->users = memory_alloc(most, sizeof(*holdout->users));
    holdout->numbers = room = memory_alloc(
        all->user_starts[all->user_count] + holdout->learning->user_starts[all->user_count], sizeof(*room));
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

static void split(struct holdout *holdout, const struct trainer *trainer, const struct learning *all)
{
    bool *leave_out = memory_alloc(trainer->event_count, sizeof(*leave_out));
    leave_out_events(holdout, trainer, all, leave_out);
    holdout->learning = learning_create(trainer, leave_out, 0);
    memory_free(leave_out);
    draw_users(holdout, all);
}

static void unsplit(struct holdout *holdout)
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

void holdout_create(struct holdout *holdout, const struct trainer *trainer, unsigned threads, uint64_t seed)
{
    struct learning *all = learning_create(trainer, NULL, 0);
    enum holdout_kind kinds[4];
    int64_t span = time_span(all), days = span / WINDOW_PART / DAY;
    size_t count = possible_kinds(all, span, kinds);
    memset(holdout, 0, sizeof(*holdout));
    holdout->seed = seed;
    holdout->threads = threads;
    holdout->window_days = (int)(days < 1 ? 1 : days > WINDOW_DAYS_MAX ? WINDOW_DAYS_MAX : days);
    holdout->held = memory_alloc(all->user_starts[all->user_count], sizeof(*holdout->held));
    for (size_t i = 0; i < count; i++) {
        holdout->kind = kinds[i];
        if (holdout->kind == HOLDOUT_RANDOM)
            hold_out_groups(holdout, all);
        split(holdout, trainer, all);
        if (holdout->kind == HOLDOUT_NONE || holdout->user_count >= HOLDOUT_USERS_MIN)
            break;
        unsplit(holdout);
    }
    learning_destroy(all);
    memory_free(holdout->held);
    holdout->held = NULL;
    holdout->working = memory_alloc(threads, sizeof(*holdout->working));
    holdout->rooms = memory_alloc(threads, sizeof(*holdout->rooms));
    holdout->weights = memory_alloc(threads, sizeof(*holdout->weights));
    for (unsigned i = 0; i < threads; i++) {
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
    unsplit(holdout);
    for (unsigned i = 0; i < holdout->threads; i++)
        working_row_release(&holdout->working[i]);
    for (unsigned i = 0; i < holdout->threads; i++) {
        working_users_release(&holdout->rooms[i]);
        memory_free(holdout->weights[i]);
    }
    memory_free(holdout->rooms);
    memory_free(holdout->weights);
    memory_free(holdout->working);
    memory_free(holdout->ideal);
}

/* ---- scoring */

struct measurement {
    const struct holdout *holdout;
    const struct members *members;
    enum member member;
    const struct blend *blend;
    const float *trend;
    struct sparse_rows *scores; /* where a cache is made */
    float *values;
};

/* As relevance.c adds up a history of equal weights. */
static void add_member_scores(const struct holdout *holdout, const struct members *members,
                              enum member member, const struct holdout_user *user, unsigned thread)
{
    float *weights = holdout->weights[thread];
    const struct configuration *c = members->configuration;
    double squares = 0, step = c->history_half_life > 0 ? exp2(-1 / c->history_half_life) : 1, weight = 1;
    for (uint32_t i = 0; i < user->history_count; i++, weight *= step)
        squares += weight * weight;
    weight = member == MEMBER_TRANSITION ? 1 : 1 / sqrt(squares);
    step = member == MEMBER_TRANSITION ? c->transition_recency : step;
    uint32_t count = 0;
    for (; count < user->history_count && weight > 1e-3; count++, weight *= step)
        weights[count] = (float)weight;
    bool at_once = member == MEMBER_GRAM && !members->gram;
    if (at_once)
        members_add_gram_rows(members, user->history, weights, count, &holdout->rooms[thread],
                              &holdout->working[thread]);
    for (uint32_t i = 0; !at_once && i < count; i++)
        members_add_row(members, member, user->history[i], weights[i], &holdout->working[thread]);
}

static void drop_history(const struct holdout_user *user, struct working_row *row)
{
    for (uint32_t i = 0; i < user->history_count; i++)
        row->values[user->history[i]] = 0; /* unused places are 0 anyway */
}

static void apply_trend(const float *trend, struct working_row *row)
{
    for (size_t i = 0; trend && i < row->count; i++)
        row->values[row->items[i]] *= trend[row->items[i]];
}

static bool is_better(float value, uint32_t item, const struct weighted_item *other)
{
    return value > other->weight || (value == other->weight && item < other->item);
}

static size_t best_items(const struct working_row *row, struct weighted_item best[HOLDOUT_DEPTH])
{
    size_t count = 0;
    for (size_t i = 0; i < row->count; i++) {
        uint32_t item = row->items[i];
        float value = row->values[item];
        if (!(value > 0) || (count == HOLDOUT_DEPTH && !is_better(value, item, &best[count - 1])))
            continue;
        size_t place = count < HOLDOUT_DEPTH ? count++ : count - 1;
        for (; place && is_better(value, item, &best[place - 1]); place--)
            best[place] = best[place - 1];
        best[place] = (struct weighted_item){.weight = value, .item = item};
    }
    return count;
}

static float rate(const struct holdout *holdout, const struct holdout_user *user,
                  const struct working_row *row)
{
    struct weighted_item best[HOLDOUT_DEPTH];
    size_t count = best_items(row, best);
    float gain = 0;
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < user->target_count; k++)
            if (best[i].item == user->targets[k])
                gain += holdout->ideal[i + 1] - holdout->ideal[i];
    uint32_t most = user->target_count < HOLDOUT_DEPTH ? user->target_count : HOLDOUT_DEPTH;
    return most ? gain / holdout->ideal[most] : 0;
}

static double mean(const float *values, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += (double)values[i];
    return count ? sum / count : 0;
}

static void cache_user(void *context, size_t piece, unsigned thread)
{
    struct measurement *measurement = context;
    struct working_row *row = &measurement->holdout->working[thread];
    const struct holdout_user *user = &measurement->holdout->users[piece];
    add_member_scores(measurement->holdout, measurement->members, measurement->member, user, thread);
    drop_history(user, row);
    sparse_rows_store(measurement->scores, (uint32_t)piece, row, NULL);
    working_row_clear(row);
}

void holdout_cache(const struct holdout *holdout, const struct members *members, enum member member,
                   struct sparse_rows *scores)
{
    struct measurement measurement = {
        .holdout = holdout, .members = members, .member = member, .scores = scores};
    size_t width = CACHE_BYTES / sizeof(struct weighted_item) / (holdout->user_count + 1);
    width = width < CACHE_WIDTH_MIN ? CACHE_WIDTH_MIN : width;
    width = width < holdout->learning->item_count ? width : holdout->learning->item_count;
    sparse_rows_create(scores, holdout->user_count, width);
    trainer_parallel(holdout->threads, holdout->user_count, cache_user, &measurement);
}

double holdout_scale(const struct sparse_rows *scores)
{
    double sum = 0, count = 0;
    for (uint32_t user = 0; user < scores->item_count; user++)
        for (uint32_t i = 0; i < scores->lengths[user] && i < HOLDOUT_DEPTH; i++, count++)
            sum += fmax((double)scores->entries[user * scores->width + i].weight, 0);
    return sum > 0 ? sum / count : 1;
}

static void add_cached(const struct sparse_rows *cache, size_t user, double weight, struct working_row *row)
{
    for (uint32_t i = 0; i < cache->lengths[user]; i++) {
        struct weighted_item entry = cache->entries[user * cache->width + i];
        working_row_add(row, entry.item, entry.weight * (float)weight);
    }
}

static void measure_user(void *context, size_t piece, unsigned thread)
{
    struct measurement *measurement = context;
    const struct holdout *holdout = measurement->holdout;
    const struct blend *blend = measurement->blend;
    const struct sparse_rows *content = blend->caches[MEMBER_CONTENT];
    struct working_row *row = &holdout->working[thread];
    for (int m = 0; m < MEMBER__MAX; m++)
        if (m != MEMBER_CONTENT && blend->caches[m] && blend->weights[m] != 0)
            add_cached(blend->caches[m], piece, blend->weights[m], row);
    apply_trend(blend->trend, row);
    for (uint32_t i = 0; content && i < content->lengths[piece]; i++) {
        struct weighted_item entry = content->entries[piece * content->width + i];
        float share = content_share(blend->content_kappa, holdout->learning->item_counts[entry.item]);
        working_row_add(row, entry.item, entry.weight * share * (float)blend->weights[MEMBER_CONTENT]);
    }
    measurement->values[piece] = rate(holdout, &holdout->users[piece], row);
    working_row_clear(row);
}

double holdout_measure(const struct holdout *holdout, const struct blend *blend, float *values)
{
    struct measurement measurement = {.holdout = holdout, .blend = blend, .values = values};
    trainer_parallel(holdout->threads, holdout->user_count, measure_user, &measurement);
    return mean(values, holdout->user_count);
}

static void measure_member(void *context, size_t piece, unsigned thread)
{
    struct measurement *measurement = context;
    struct working_row *row = &measurement->holdout->working[thread];
    const struct holdout_user *user = &measurement->holdout->users[piece];
    add_member_scores(measurement->holdout, measurement->members, measurement->member, user, thread);
    drop_history(user, row);
    apply_trend(measurement->trend, row);
    measurement->values[piece] = rate(measurement->holdout, user, row);
    working_row_clear(row);
}

double holdout_measure_member(const struct holdout *holdout, const struct members *members,
                              enum member member, const float *trend, float *values)
{
    struct measurement measurement = {
        .holdout = holdout, .members = members, .member = member, .trend = trend, .values = values};
    trainer_parallel(holdout->threads, holdout->user_count, measure_member, &measurement);
    return mean(values, holdout->user_count);
}
