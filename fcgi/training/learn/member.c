/* Rows of the learners, computed one item at a time; see member.h for what each is and where it comes from.
 *
 * No matrix of items by items is ever whole in memory. A row is added up in a dense working row from the two
 * groupings of the events: for the gram member of item i, over the users u of i and the items j of each u
 *
 *     row[j] += d_i^-b * x_ui * d_u^-g * x_uj * d_j^-d
 *
 * which costs the sum of the histories of the item's users. The same row, cut to its strongest entries, is
 * stored when it is needed often (gram.c), and then read instead of computed.
 *
 * For a whole history at once there is a shorter way, since the sum over the history's items can be taken
 * first: members_add_gram_rows() adds up each user's agreement with the history, then spreads each user once.
 * That is user-based neighbours and gives the same sums but for rounding.
 *
 * Transitions look at the places beside the item in each of its users' histories, a window ahead and, with
 * less weight, behind, each step further counting less by a factor.
 *
 * The hop member squares the stored gram rows, 100 entries by 100: 10,000 additions an item, whatever the
 * data.
 *
 * What is not here: cutting, blending and scaling to usual scores, which is the chooser's and the builder's.
 */
#include "training/learn/member.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { HOP_MAX = 100 };

static const char *const names[MEMBER__MAX] = {[MEMBER_GRAM] = "gram",
                                               [MEMBER_HOP] = "hop",
                                               [MEMBER_RIDGE] = "ridge",
                                               [MEMBER_TRANSITION] = "transition",
                                               [MEMBER_CONTENT] = "content"};

const char *member_name(enum member member)
{
    return (unsigned)member < MEMBER__MAX ? names[member] : "?";
}

void members_create(struct members *members, const struct learning *learning,
                    const struct configuration *configuration)
{
    memset(members, 0, sizeof(*members));
    members->learning = learning;
    members->configuration = configuration;
    members->user_scales = memory_alloc(learning->user_count, sizeof(float));
    members->source_scales = memory_alloc(learning->item_count, sizeof(float));
    members->target_scales = memory_alloc(learning->item_count, sizeof(float));
    members->transition_sources = memory_alloc(learning->item_count, sizeof(float));
    members->transition_targets = memory_alloc(learning->item_count, sizeof(float));
    members->ridge_targets = memory_alloc(learning->item_count, sizeof(float));
    members_update(members);
}

void members_release(struct members *members)
{
    memory_free(members->user_scales);
    memory_free(members->source_scales);
    memory_free(members->target_scales);
    memory_free(members->transition_sources);
    memory_free(members->transition_targets);
    memory_free(members->ridge_targets);
    memset(members, 0, sizeof(*members));
}

void members_update(struct members *members)
{
    const struct configuration *c = members->configuration;
    const struct learning *learning = members->learning;
    for (uint32_t user = 0; user < learning->user_count; user++)
        members->user_scales[user] = (float)pow((double)learning->user_degrees[user], -c->gram_user);
    for (uint32_t item = 0; item < learning->item_count; item++) {
        double degree = (double)learning->item_degrees[item];
        double count = fmax(learning->item_counts[item], 1);
        members->source_scales[item] = (float)pow(degree, -c->gram_source);
        members->target_scales[item] = (float)pow(degree, -c->gram_target);
        members->transition_sources[item] = (float)pow(count, -c->transition_source);
        members->transition_targets[item] = (float)pow(count, -c->transition_target);
        members->ridge_targets[item] = (float)pow(degree, -c->ridge_target);
    }
}

/* Adds a user's items, each times scaled and its own scale, to a row in which all items are in use. */
static void add_user_to_all(const struct members *members, uint32_t user, float scaled,
                            struct working_row *row)
{
    const struct learning *learning = members->learning;
    for (size_t k = learning->user_starts[user]; k < learning->user_starts[user + 1]; k++) {
        uint32_t other = learning->items[k];
        row->values[other] += scaled * learning->strengths[k] * members->target_scales[other];
    }
}

static void add_user(const struct members *members, uint32_t user, float scaled, struct working_row *row)
{
    const struct learning *learning = members->learning;
    for (size_t k = learning->user_starts[user]; k < learning->user_starts[user + 1]; k++) {
        uint32_t other = learning->items[k];
        working_row_add(row, other, scaled * learning->strengths[k] * members->target_scales[other]);
    }
}

/* Whether so many users touch most items: then the row is taken as full, and no addition needs to test
 * whether its place is in use. An estimate by the mean length of histories; either way gives the same sums.
 */
static bool fills_row(const struct learning *learning, size_t users)
{
    double mean = (double)learning_size(learning) / fmax(learning->user_count, 1);
    return (double)users * mean > learning->item_count;
}

static void add_gram_row(const struct members *members, uint32_t item, float weight, struct working_row *row)
{
    const struct learning *learning = members->learning;
    size_t first = learning->item_starts[item], end = learning->item_starts[item + 1];
    bool all = fills_row(learning, end - first);
    if (all)
        working_row_use_all(row, learning->item_count);
    float before = row->values[item]; /* what is added to the item itself is taken back */
    weight *= members->source_scales[item];
    for (size_t i = first; i < end; i++) {
        uint32_t user = learning->item_users[i];
        float scaled = weight * learning->item_strengths[i] * members->user_scales[user];
        if (all)
            add_user_to_all(members, user, scaled, row);
        else
            add_user(members, user, scaled, row);
    }
    row->values[item] = before;
}

void working_users_create(struct working_users *room, uint32_t user_count)
{
    room->sums = memory_alloc(user_count, sizeof(*room->sums));
    room->used = memory_alloc(user_count, sizeof(*room->used));
    room->users = memory_alloc(user_count, sizeof(*room->users));
}

void working_users_release(struct working_users *room)
{
    memory_free(room->sums);
    memory_free(room->used);
    memory_free(room->users);
}

/* How much each user agrees with the history: the first half of the sum. Returns the number of users met. */
static size_t sum_over_users(const struct members *members, const uint32_t *items, const float *weights,
                             size_t count, struct working_users *room)
{
    const struct learning *learning = members->learning;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        float weight = weights[i] * members->source_scales[items[i]];
        for (size_t k = learning->item_starts[items[i]]; k < learning->item_starts[items[i] + 1]; k++) {
            uint32_t user = learning->item_users[k];
            if (!room->used[user]) {
                room->used[user] = true;
                room->users[found++] = user;
            }
            room->sums[user] += weight * learning->item_strengths[k];
        }
    }
    return found;
}

void members_add_gram_rows(const struct members *members, const uint32_t *items, const float *weights,
                           size_t count, struct working_users *room, struct working_row *row)
{
    const struct learning *learning = members->learning;
    size_t found = sum_over_users(members, items, weights, count, room);
    bool all = fills_row(learning, found);
    if (all)
        working_row_use_all(row, learning->item_count);
    for (size_t i = 0; i < found; i++) {
        uint32_t user = room->users[i];
        float scaled = room->sums[user] * members->user_scales[user];
        if (all)
            add_user_to_all(members, user, scaled, row);
        else
            add_user(members, user, scaled, row);
        room->sums[user] = 0;
        room->used[user] = false;
    }
}

static void add_transition_row(const struct members *members, uint32_t item, float weight,
                               struct working_row *row)
{
    const struct learning *learning = members->learning;
    const struct configuration *c = members->configuration;
    size_t window = (size_t)c->transition_window;
    weight *= members->transition_sources[item];
    for (size_t i = learning->item_starts[item]; i < learning->item_starts[item + 1]; i++) {
        uint32_t user = learning->item_users[i];
        size_t first = learning->user_starts[user], end = learning->user_starts[user + 1];
        size_t place = first + learning->item_places[i];
        float ahead = weight, back = weight * (float)c->transition_backward;
        for (size_t step = 1; step <= window; step++) {
            if (place + step < end) {
                uint32_t other = learning->items[place + step];
                working_row_add(row, other, ahead * members->transition_targets[other]);
            }
            if (place >= first + step) {
                uint32_t other = learning->items[place - step];
                working_row_add(row, other, back * members->transition_targets[other]);
            }
            ahead *= (float)c->transition_decay;
            back *= (float)c->transition_decay;
        }
    }
}

static void add_stored_row(const struct sparse_rows *rows, uint32_t item, float weight, const float *scales,
                           struct working_row *row)
{
    const struct weighted_item *entries = sparse_rows_of(rows, item);
    for (size_t i = 0; i < rows->lengths[item]; i++) {
        float value = weight * entries[i].weight;
        working_row_add(row, entries[i].item, scales ? value * scales[entries[i].item] : value);
    }
}

/* Leaves the item itself out: what is like what is like an item is mostly the item. */
static void add_hop_row(const struct members *members, uint32_t item, float weight, struct working_row *row)
{
    const struct sparse_rows *gram = members->gram;
    const struct weighted_item *entries = sparse_rows_of(gram, item);
    for (size_t i = 0; i < gram->lengths[item] && i < HOP_MAX; i++) {
        const struct weighted_item *others = sparse_rows_of(gram, entries[i].item);
        float scaled = weight * entries[i].weight;
        for (size_t k = 0; k < gram->lengths[entries[i].item] && k < HOP_MAX; k++)
            if (others[k].item != item)
                working_row_add(row, others[k].item, scaled * others[k].weight);
    }
}

void members_add_row(const struct members *members, enum member member, uint32_t item, float weight,
                     struct working_row *row)
{
    if (member == MEMBER_GRAM && members->gram)
        add_stored_row(members->gram, item, weight, NULL, row);
    else if (member == MEMBER_GRAM)
        add_gram_row(members, item, weight, row);
    else if (member == MEMBER_HOP && members->gram)
        add_hop_row(members, item, weight, row);
    else if (member == MEMBER_TRANSITION && members->transition)
        add_stored_row(members->transition, item, weight, NULL, row);
    else if (member == MEMBER_TRANSITION)
        add_transition_row(members, item, weight, row);
    else if (member == MEMBER_RIDGE && members->ridge)
        add_stored_row(members->ridge, item, weight, members->ridge_targets, row);
    else if (member == MEMBER_CONTENT && members->content)
        add_stored_row(members->content, item, weight, members->content_shares, row);
}
