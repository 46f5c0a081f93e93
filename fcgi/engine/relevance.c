/* The relevance of each item to a history; see relevance.h, and recommend.h for the formulas.
 *
 * The problem: from a few dozen events of one person, a number for each item of the catalogue. Nothing about
 * the person is trained or stored: who did something a second ago, or came for the first time, is served like
 * anyone else.
 *
 * The idea is item-based collaborative filtering (Deshpande and Karypis, TOIS 2004; EASE, Steck, WWW 2019;
 * RP3beta, Paudel et al., TiiS 2017): training leaves each item a short row of (other item, weight), and the
 * relevance of an item i is the sum of the rows of the history,
 *
 *   relevance(i) = trend(i) x [ sum_h w_h row_h(i) / |w| + sum_h o_h transition_h(i) ] + content(i)
 *
 *   w_h         weight of the history's item h (negative: dislike), times 2^(-k / half-life) where k
 *               newer ones follow; several events of one item count no more than the greatest of them.
 *               |w| is their L2 norm, so that long and short histories have one scale
 *   o_h         weight / greatest weight x recency^k: what usually comes next fades faster than taste.
 *               Without an order each gets the mean of the recency^k; below 1/1000 a row is left out
 *   content(i)  likeness of texts, as rows too, summed with w_h / |w|. The factor kappa / (n + kappa)
 *               for an item of n events is inside (a prior worth kappa observations): full for a new
 *               item, fading as behaviour says more. 0 for the history's own items
 *
 * Rows are silent about what was added or changed since training. There the cosine of small hashed text
 * vectors (text_vector.h) takes their place: between the item and the mean vector of what was liked, less
 * that of what was disliked. Unrelated texts have cosines of about 0 +- 1/sqrt(64); what is below two
 * standard deviations is noise and counts 0. If the history itself has such items, their profile (unknown) is
 * compared with every item.
 *
 * Cost: one addition for each entry of the rows of the history's items, one pass over the catalogue, and 64
 * multiplications for each changed item. Half-life, recency, kappa and the content's weight are chosen in
 * training on the tenant's own events; nothing is tuned here. No popularity correction, no sampling, no
 * session model. */
#include "engine/relevance.h"

#include "base/work_budget.h"
#include "engine/model_format.h"
#include "engine/row_sum.h"
#include "engine/text_vector.h"

#include <math.h>
#include <string.h>

/* Of work: for the rows of an item of the history, and items that one step passes over. */
enum { STEPS_A_ROW = 64, STEP_ITEMS = 64 };

static const double content_noise = 0.25; /* two standard deviations of unrelated texts: 2 / sqrt(64) */
static const double default_kappa = 5;    /* without a model: events at which content counts half */
static const double content_similar_share = 0.25;

/* Anything can stand in a history: ids that are gone, weights that are no numbers. */
static bool entry_counts(const struct engine_query *query, size_t place)
{
    const struct engine_history_entry *entry = &query->history[place];
    return entry->item < catalogue_item_count(query->catalogue) && isfinite(entry->weight) &&
           entry->weight != 0;
}

/* From the end: repeats are mostly near each other. The item is there. */
static struct past *find_past(struct relevance *relevance, uint32_t item)
{
    size_t i = relevance->history_count;
    while (relevance->history[i - 1].item != item)
        i--;
    return &relevance->history[i - 1];
}

/* Joins the entries of each item: one bit of in_history says whether it was met before. */
static void collect_history(struct relevance *relevance, const struct engine_query *query)
{
    for (size_t i = 0; i < query->history_count; i++) {
        if (!entry_counts(query, i))
            continue;
        uint32_t item = query->history[i].item;
        double weight = (double)query->history[i].weight;
        uint64_t *word = &relevance->in_history[item / 64], bit = UINT64_C(1) << item % 64;
        if (*word & bit) {
            struct past *past = find_past(relevance, item);
            past->weight += weight;
            past->greatest = fmax(past->greatest, fabs(weight));
        } else {
            *word |= bit;
            relevance->history[relevance->history_count++] =
                (struct past){.item = item, .weight = weight, .greatest = fabs(weight)};
        }
    }
}

/* Sets the factors of all entries: their weight, capped to that of the greatest of its repeats, with recency
 * as a factor for each newer entry, over the norm. In the order of the history, so that the sums are the same
 * bits each time. */
static void weigh_history(struct relevance *relevance, const struct engine_query *query)
{
    static const double least_order = 1e-3; /* transitions that count less are not worth their row */
    const struct model *model = catalogue_model(relevance->catalogue);
    double half_life = model ? (double)model_settings(model)->history_half_life : 0;
    double fading = query->newest_first && half_life > 0 ? exp2(-1 / half_life) : 1;
    double recency = model ? (double)model_settings(model)->transition_recency : 0;
    double squares = 0, greatest = 0, fade = 1, step = 1, steps = 0;
    for (size_t i = 0; i < relevance->history_count; i++, fade *= fading) {
        struct past *past = &relevance->history[i];
        past->weight = fmin(fmax(past->weight, -past->greatest), past->greatest);
        greatest = fmax(greatest, fabs(past->weight));
        squares += past->weight * fade * past->weight * fade;
    }
    relevance->norm = sqrt(squares);
    for (size_t i = 0; i < relevance->history_count; i++, step *= recency)
        steps += step / (double)relevance->history_count; /* the mean, where the order is not known */
    fade = step = 1;
    for (size_t i = 0; i < relevance->history_count; i++, fade *= fading, step *= recency) {
        struct past *past = &relevance->history[i];
        double order = past->weight / greatest * (query->newest_first ? step : steps);
        past->factor = (float)(past->weight * fade / relevance->norm);
        past->order = fabs(order) > least_order ? (float)order : 0;
    }
}

bool relevance_has_rows(const struct relevance *relevance, uint32_t item)
{
    return item < relevance->model_count && !catalogue_is_changed(relevance->catalogue, item);
}

/* All rows first, then the transitions: sums of floats depend on their order, and this one is part of the
 * result (row_sum.h). */
static void add_behaviour(struct relevance *relevance, struct arena *arena)
{
    const struct model *model = catalogue_model(relevance->catalogue);
    struct row_sum sum;
    row_sum_create(&sum, relevance->history_count * 2, arena);
    for (size_t i = 0; i < relevance->history_count; i++)
        if (relevance->history[i].item < relevance->model_count)
            row_sum_add(&sum, model_item_row(model, relevance->history[i].item),
                        relevance->history[i].factor);
    for (size_t i = 0; i < relevance->history_count; i++)
        if (relevance->history[i].item < relevance->model_count && relevance->history[i].order != 0)
            row_sum_add(&sum, model_item_transitions(model, relevance->history[i].item),
                        relevance->history[i].order);
    relevance->behaviour = catalogue_room(relevance->catalogue, CATALOGUE_ROOM_BEHAVIOUR);
    row_sum_compute(&sum, relevance->model_count, relevance->behaviour);
}

static void add_contents(struct relevance *relevance, struct arena *arena)
{
    const struct model *model = catalogue_model(relevance->catalogue);
    struct row_sum sum;
    row_sum_create(&sum, relevance->history_count, arena);
    for (size_t i = 0; i < relevance->history_count; i++)
        if (relevance_has_rows(relevance, relevance->history[i].item))
            row_sum_add(&sum, model_item_contents(model, relevance->history[i].item),
                        relevance->history[i].factor);
    if (!sum.count)
        return;
    relevance->contents = catalogue_room(relevance->catalogue, CATALOGUE_ROOM_CONTENT);
    row_sum_compute(&sum, relevance->model_count, relevance->contents);
}

/* Content rows have the share kappa / (n + kappa) inside; for SIMILAR it is at least a quarter, because who
 * looks for things like this one wants to see likeness, not only what sells with it. So the rows are lifted
 * to it. */
float relevance_content_lift(const struct relevance *relevance, uint32_t index)
{
    double events = model_item_events(catalogue_model(relevance->catalogue), index);
    double share = relevance->content_kappa / (events + relevance->content_kappa);
    return relevance->similar && share < content_similar_share ? (float)(content_similar_share / share) : 1;
}

static void lift_contents(const struct relevance *relevance)
{
    for (uint32_t i = 0; i < relevance->model_count; i++)
        if (relevance->contents[i] != 0)
            relevance->contents[i] *= relevance_content_lift(relevance, i);
}

/* Four floats at once: compilers do not find this by themselves, because of what is not finite. */
typedef float floats __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t integers __attribute__((vector_size(16), aligned(4), may_alias));

static inline floats take_greater(floats left, floats right)
{
    integers first = left > right;
    return (floats)((first & (integers)left) | (~first & (integers)right));
}

/* Of the block of items from first on. */
static inline float peak_of_block(const struct relevance *relevance, uint32_t first, const float *trend,
                                  const float *contents)
{
    floats peak = {0};
    for (uint32_t i = first; i < first + RELEVANCE_BLOCK; i += 4) {
        floats value = *(const floats *)(relevance->behaviour + i);
        if (trend)
            value *= *(const floats *)(trend + i);
        if (contents)
            value += *(const floats *)(contents + i);
        peak = take_greater(value, peak);
    }
    float left = peak[0] > peak[1] ? peak[0] : peak[1], right = peak[2] > peak[3] ? peak[2] : peak[3];
    return left > right ? left : right;
}

void relevance_find_peaks(const struct relevance *relevance, float *peaks)
{
    const float *trend = relevance->trend, *contents = relevance->contents;
    uint32_t first = 0, count = relevance->model_count;
    for (; count - first >= RELEVANCE_BLOCK; first += RELEVANCE_BLOCK)
        peaks[first / RELEVANCE_BLOCK] = peak_of_block(relevance, first, trend, contents);
    for (uint32_t i = first; i < count; i++)
        peaks[first / RELEVANCE_BLOCK] =
            fmaxf(peaks[first / RELEVANCE_BLOCK], relevance_by_rows(relevance, i));
}

/* To length 1; false where there is nothing to normalise. The sum is of doubles: in floats the small entries
 * of a long history would be rounded away. */
static bool normalise_sum(const double sum[ENGINE_VECTOR_SIZE], float vector[ENGINE_VECTOR_SIZE])
{
    double squares = 0;
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        squares += sum[i] * sum[i];
    if (!isfinite(squares) || squares <= 0)
        return false;
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        vector[i] = (float)(sum[i] / sqrt(squares));
    return true;
}

/* The mean text vectors of what was liked and disliked, of all the history or of its items without rows. */
static void make_profile(const struct relevance *relevance, bool all, struct profile *profile)
{
    double liked[ENGINE_VECTOR_SIZE] = {0}, disliked[ENGINE_VECTOR_SIZE] = {0};
    for (size_t i = 0; i < relevance->history_count; i++) {
        const struct past *past = &relevance->history[i];
        if (!all && relevance_has_rows(relevance, past->item))
            continue;
        const float *vector = catalogue_vector(relevance->catalogue, past->item);
        double *sum = past->weight > 0 ? liked : disliked;
        for (int k = 0; k < ENGINE_VECTOR_SIZE; k++)
            sum[k] += fabs(past->weight) / relevance->norm * (double)vector[k];
    }
    profile->has_liked = normalise_sum(liked, profile->liked);
    profile->has_disliked = normalise_sum(disliked, profile->disliked);
}

/* 0..1: the cosine above the noise. */
static double find_likeness(const float *vector, const float profile[ENGINE_VECTOR_SIZE])
{
    double cosine = (double)text_vector_cosine(vector, profile);
    return fmin(fmax((cosine - content_noise) / (1 - content_noise), 0), 1);
}

/* Content where rows do not hold, by text vectors, in the scale of content rows. */
static double content_by_vector(const struct relevance *relevance, const struct profile *profile,
                                uint32_t index)
{
    if ((!profile->has_liked && !profile->has_disliked) ||
        relevance->in_history[index / 64] >> index % 64 & 1)
        return 0;
    const float *vector = catalogue_vector(relevance->catalogue, index);
    double events = catalogue_events(relevance->catalogue, index);
    double share = relevance->content_kappa / (events + relevance->content_kappa);
    if (relevance->similar)
        share = fmax(share, content_similar_share);
    double content = profile->has_liked ? find_likeness(vector, profile->liked) : 0;
    if (profile->has_disliked)
        content -= find_likeness(vector, profile->disliked);
    return share * content * relevance->content_weight;
}

/* Puts right what content rows cannot know: the history's items are like themselves, which says nothing; and
 * the rows of a changed item describe its former text, so its vector decides. */
static void correct_contents(struct relevance *relevance)
{
    size_t cursor = 0;
    uint32_t item;
    for (size_t i = 0; relevance->contents && i < relevance->history_count; i++)
        if (relevance->history[i].item < relevance->model_count)
            relevance->contents[relevance->history[i].item] = 0;
    while (catalogue_next_changed(relevance->catalogue, &cursor, &item)) {
        double content = content_by_vector(relevance, &relevance->all, item);
        if (content != 0 && !relevance->contents)
            relevance->contents = memset(catalogue_room(relevance->catalogue, CATALOGUE_ROOM_CONTENT), 0,
                                         relevance->model_count * sizeof(*relevance->contents));
        if (relevance->contents)
            relevance->contents[item] = (float)content;
    }
}

static void set_query(struct relevance *relevance, const struct engine_query *query, struct arena *arena)
{
    const struct model *model = catalogue_model(query->catalogue);
    memset(relevance, 0, sizeof(*relevance));
    relevance->catalogue = query->catalogue;
    relevance->similar = query->strategy == ENGINE_SIMILAR;
    relevance->model_count = model ? model_item_count(model) : 0;
    relevance->trend = model && !relevance->similar ? model_trend(model) : NULL;
    relevance->content_kappa = model ? (double)model_settings(model)->content_kappa : default_kappa;
    relevance->content_weight = model ? (double)model_settings(model)->content_weight : 1;
    relevance->in_history =
        arena_alloc(arena, catalogue_item_count(query->catalogue) / 64 + 1, sizeof(*relevance->in_history));
    relevance->history = arena_alloc(arena, query->history_count, sizeof(*relevance->history));
    collect_history(relevance, query);
    weigh_history(relevance, query);
}

void relevance_prepare(struct relevance *relevance, const struct engine_query *query, struct arena *arena)
{
    set_query(relevance, query, arena);
    work_budget_take(relevance->history_count * STEPS_A_ROW + relevance->model_count / STEP_ITEMS);
    if (!(relevance->norm > 0) || !isfinite(relevance->norm))
        return;
    relevance->any = true;
    if (catalogue_change_count(query->catalogue)) { /* otherwise every item has rows */
        make_profile(relevance, true, &relevance->all);
        make_profile(relevance, false, &relevance->unknown);
    }
    if (!relevance->model_count)
        return;
    add_behaviour(relevance, arena);
    add_contents(relevance, arena);
    if (relevance->similar && relevance->contents)
        lift_contents(relevance);
    correct_contents(relevance);
}

bool relevance_is_plain(const struct relevance *relevance)
{
    return relevance->any && !relevance->unknown.has_liked && !relevance->unknown.has_disliked;
}

struct relevance_parts relevance_of_item(const struct relevance *relevance, uint32_t index)
{
    struct relevance_parts parts = {0};
    if (!relevance->any)
        return parts;
    if (index >= relevance->model_count) {
        parts.sum = parts.content = content_by_vector(relevance, &relevance->all, index);
        return parts;
    }
    parts.behaviour = (double)relevance->behaviour[index];
    if (relevance->trend)
        parts.behaviour *= (double)relevance->trend[index];
    if (relevance->contents)
        parts.content = (double)relevance->contents[index];
    parts.sum = (double)relevance_by_rows(relevance, index);
    if (!catalogue_is_changed(relevance->catalogue, index)) {
        double more = content_by_vector(relevance, &relevance->unknown, index);
        parts.content += more;
        parts.sum += more;
    }
    return parts;
}
