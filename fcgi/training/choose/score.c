/* Scoring the held-out users, and measuring how high what they did stands; see holdout.h.
 *
 * Scores are added up as the engine does when it serves (engine/relevance.c), so that what is chosen here is
 * what is served: each item of the history speaks through its rows, newest first, with a weight that falls by
 * a constant factor from place to place, scaled so that the squares add up to 1. What is in the history
 * leaves the list, positive scores alone count, ties go by item.
 *
 * The measure is NDCG at 20 (Jarvelin and Kekalainen, TOIS 2002) with binary relevance:
 *
 *     DCG = sum over hits at rank r = 1..20 of 1 / log2(r + 1),   NDCG = DCG / the best possible DCG
 *
 * ideal[] holds the sums of 1 / log2(r + 1), so that a hit's gain is a difference of two of them.
 *
 * To try weights of a blend quickly, each member's scores of each user are computed once and kept (a cache of
 * 128 MiB for each member, at least 300 entries for each user); a trial then adds up at most five short lists
 * a user.
 *
 * Where histories share many items, it is cheaper to compute the rows of all these items first, cut as the
 * model's are, than to sum over users for each; holdout.heavy says so. */
#include "training/choose/holdout.h"

#include <math.h>
#include <string.h>

enum { CACHE_BYTES = 128 << 20, CACHE_WIDTH_MIN = 300, PIECE = 64 };

struct measurement {
    const struct holdout *holdout;
    const struct members *members;
    enum member member;
    const struct blend *blend;
    const float *trend;
    struct sparse_rows *scores; /* where a cache is made */
    float *values;
};

/* As engine/relevance.c adds up a history of equal weights. */
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

/* A place that is not in use holds 0 already, so no test is needed. */
static void drop_history(const struct holdout_user *user, struct working_row *row)
{
    for (uint32_t i = 0; i < user->history_count; i++)
        row->values[user->history[i]] = 0;
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

/* Insertion into a list of 20: nearly every candidate fails the first comparison. */
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

static float rate_user(const struct holdout *holdout, const struct holdout_user *user,
                       const struct working_row *row)
{
    struct weighted_item best[HOLDOUT_DEPTH] = {0};
    size_t count = best_items(row, best);
    float gain = 0;
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < user->target_count; k++)
            if (best[i].item == user->targets[k])
                gain += holdout->ideal[i + 1] - holdout->ideal[i];
    uint32_t most = user->target_count < HOLDOUT_DEPTH ? user->target_count : HOLDOUT_DEPTH;
    return most ? gain / holdout->ideal[most] : 0;
}

double holdout_mean(const struct holdout *holdout, const float *values)
{
    double sum = 0;
    for (uint32_t i = 0; i < holdout->user_count; i++)
        sum += (double)values[i];
    return holdout->user_count ? sum / holdout->user_count : 0;
}

/* ---- rows of the items in histories */

struct row_work {
    const struct holdout *holdout;
    const struct members *members;
    enum member member;
    struct sparse_rows *rows;
};

static void compute_rows_piece(void *context, size_t piece, unsigned thread)
{
    const struct row_work *work = context;
    const struct holdout *holdout = work->holdout;
    struct working_row *row = &holdout->working[thread];
    for (size_t i = piece * PIECE; i < (piece + 1) * PIECE && i < holdout->history_item_count; i++) {
        members_add_row(work->members, work->member, holdout->history_items[i], 1, row);
        sparse_rows_store(work->rows, holdout->history_items[i], row, work->members->trend);
        working_row_clear(row);
    }
}

/* Members with the rows of one of them in rows, where that is needed; rows are empty where not. */
static struct members with_rows(const struct holdout *holdout, const struct members *members,
                                enum member member, struct sparse_rows *rows)
{
    struct members with = *members;
    struct row_work work = {.holdout = holdout, .members = members, .member = member, .rows = rows};
    uint32_t count = holdout->learning->item_count;
    size_t width = member == MEMBER_GRAM ? MEMBER_ROW_MAX : TRANSITION_ROW_MAX;
    memset(rows, 0, sizeof(*rows));
    if (!holdout->heavy || (member != MEMBER_GRAM && member != MEMBER_TRANSITION) ||
        (member == MEMBER_GRAM && members->gram))
        return with;
    sparse_rows_create(rows, count, width < count ? width : count);
    steps_run_whole(holdout->steps, "choice", (holdout->history_item_count + (size_t)PIECE - 1) / PIECE,
                    compute_rows_piece, &work);
    if (member == MEMBER_GRAM)
        with.gram = rows;
    else
        with.transition = rows;
    return with;
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
    const struct step_part part = {.rows = scores, .count = holdout->user_count, .per_piece = 1};
    struct sparse_rows rows;
    struct members with = with_rows(holdout, members, member, &rows);
    measurement.members = &with;
    size_t width = CACHE_BYTES / sizeof(struct weighted_item) / (holdout->user_count + 1);
    width = width < CACHE_WIDTH_MIN ? CACHE_WIDTH_MIN : width;
    width = width < holdout->learning->item_count ? width : holdout->learning->item_count;
    sparse_rows_create(scores, holdout->user_count, width);
    steps_run(holdout->steps, "choice", holdout->user_count, cache_user, &measurement, &part, 1);
    sparse_rows_release(&rows);
}

double holdout_scale(const struct sparse_rows *scores)
{
    double sum = 0, count = 0;
    for (uint32_t user = 0; user < scores->item_count; user++)
        for (uint32_t i = 0; i < scores->lengths[user] && i < HOLDOUT_DEPTH; i++, count++)
            sum += fmax((double)sparse_rows_of(scores, user)[i].weight, 0);
    return sum > 0 ? sum / count : 1;
}

static void add_cached(const struct sparse_rows *cache, size_t user, double weight, struct working_row *row)
{
    for (uint32_t i = 0; i < cache->lengths[user]; i++) {
        struct weighted_item entry = sparse_rows_of(cache, (uint32_t)user)[i];
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
        struct weighted_item entry = sparse_rows_of(content, (uint32_t)piece)[i];
        float share = content_share(blend->content_kappa, holdout->learning->item_counts[entry.item]);
        working_row_add(row, entry.item, entry.weight * share * (float)blend->weights[MEMBER_CONTENT]);
    }
    measurement->values[piece] = rate_user(holdout, &holdout->users[piece], row);
    working_row_clear(row);
}

double holdout_measure(const struct holdout *holdout, const struct blend *blend, float *values)
{
    struct measurement measurement = {.holdout = holdout, .blend = blend, .values = values};
    const struct step_part part = {
        .bytes = values, .size = sizeof(*values), .count = holdout->user_count, .per_piece = 1};
    steps_run(holdout->steps, "choice", holdout->user_count, measure_user, &measurement, &part, 1);
    return holdout_mean(holdout, values);
}

static void measure_member(void *context, size_t piece, unsigned thread)
{
    struct measurement *measurement = context;
    struct working_row *row = &measurement->holdout->working[thread];
    const struct holdout_user *user = &measurement->holdout->users[piece];
    add_member_scores(measurement->holdout, measurement->members, measurement->member, user, thread);
    drop_history(user, row);
    apply_trend(measurement->trend, row);
    measurement->values[piece] = rate_user(measurement->holdout, user, row);
    working_row_clear(row);
}

double holdout_measure_member(const struct holdout *holdout, const struct members *members,
                              enum member member, const float *trend, float *values)
{
    struct measurement measurement = {.holdout = holdout, .member = member, .trend = trend, .values = values};
    const struct step_part part = {
        .bytes = values, .size = sizeof(*values), .count = holdout->user_count, .per_piece = 1};
    struct sparse_rows rows;
    struct members with = with_rows(holdout, members, member, &rows);
    measurement.members = &with;
    steps_run(holdout->steps, "choice", holdout->user_count, measure_member, &measurement, &part, 1);
    sparse_rows_release(&rows);
    return holdout_mean(holdout, values);
}
