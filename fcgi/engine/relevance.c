/* Item-to-item scores with trend and content; see recommend.h for the formulas. */
#include "engine/relevance.h"

#include "engine/model_format.h"
#include "engine/text_vector.h"

#include <math.h>
#include <string.h>

static const double content_noise = 0.25; /* two standard deviations of unrelated texts: 2 / sqrt(64) */
static const double default_kappa = 5;    /* without a model: events at which content counts half */
static const double content_similar_share = 0.25;
static const float relevance_limit = 1e30f; /* keeps a damaged model's figures finite */

/* One item of the history, all its entries joined. */
struct past {
    uint32_t item;
    double weight;
    double greatest; /* absolute weight of any entry */
};

struct history {
    struct past *items; /* in the order of the query */
    size_t count;
    double norm;     /* L2, recency inside */
    double greatest; /* absolute weight */
};

static bool counts(const struct engine_query *query, size_t place)
{
    const struct engine_history_entry *entry = &query->history[place];
    return entry->item < catalogue_item_count(query->catalogue) && isfinite(entry->weight) &&
           entry->weight != 0;
}

static struct past *find_past(struct history *history, uint32_t item)
{
    size_t i = history->count;
    while (history->items[i - 1].item != item)
        i--;
    return &history->items[i - 1];
}

static void collect(struct relevance *relevance, const struct engine_query *query, struct history *history)
{
    for (size_t i = 0; i < query->history_count; i++) {
        if (!counts(query, i))
            continue;
        uint32_t item = query->history[i].item;
        double weight = (double)query->history[i].weight;
        uint64_t *word = &relevance->in_history[item / 64], bit = UINT64_C(1) << item % 64;
        if (*word & bit) {
            struct past *past = find_past(history, item);
            past->weight += weight;
            past->greatest = fmax(past->greatest, fabs(weight));
        } else {
            *word |= bit;
            history->items[history->count++] =
                (struct past){.item = item, .weight = weight, .greatest = fabs(weight)};
        }
    }
}

/* Repeats do not count more than once; recency. */
static void weigh(const struct relevance *relevance, const struct engine_query *query,
                  struct history *history)
{
    const struct model *model = catalogue_model(relevance->catalogue);
    double half_life = model ? (double)model_settings(model)->history_half_life : 0, squares = 0;
    for (size_t i = 0; i < history->count; i++) {
        struct past *past = &history->items[i];
        past->weight = fmin(fmax(past->weight, -past->greatest), past->greatest);
        history->greatest = fmax(history->greatest, fabs(past->weight));
        double recency = query->newest_first && half_life > 0 ? exp2(-(double)i / half_life) : 1;
        squares += past->weight * recency * past->weight * recency;
    }
    history->norm = sqrt(squares);
}

static bool has_rows(const struct relevance *relevance, uint32_t item)
{
    return item < relevance->model_count && !catalogue_is_changed(relevance->catalogue, item);
}

static void add_row(const struct relevance *relevance, struct model_row row, float weight, float *sums)
{
    uint32_t limit = relevance->model_count;
    for (size_t i = 0; i < row.count; i++)
        if (row.targets[i] < limit)
            sums[row.targets[i]] += weight * row.weights[i];
}

static void add_behaviour(const struct relevance *relevance, const struct engine_query *query,
                          const struct history *history)
{
    const struct model *model = catalogue_model(relevance->catalogue);
    const struct model_settings *settings = model_settings(model);
    double half_life = (double)settings->history_half_life, recency = (double)settings->transition_recency;
    double mean = 0, step = 1; /* of the factors, where the order is not known */
    for (size_t i = 0; i < history->count; i++, step *= recency)
        mean += step / (double)history->count;
    step = 1;
    for (size_t i = 0; i < history->count; i++, step *= recency) {
        const struct past *past = &history->items[i];
        if (past->item >= relevance->model_count)
            continue;
        double factor = query->newest_first && half_life > 0 ? exp2(-(double)i / half_life) : 1;
        add_row(relevance, model_item_row(model, past->item), (float)(past->weight * factor / history->norm),
                relevance->scores);
        factor = past->weight / history->greatest * (query->newest_first ? step : mean);
        if (fabs(factor) > 1e-3)
            add_row(relevance, model_item_transitions(model, past->item), (float)factor, relevance->scores);
    }
}

static void add_contents(const struct relevance *relevance, const struct engine_query *query,
                         const struct history *history)
{
    const struct model *model = catalogue_model(relevance->catalogue);
    double half_life = (double)model_settings(model)->history_half_life;
    for (size_t i = 0; i < history->count; i++) {
        const struct past *past = &history->items[i];
        double factor = query->newest_first && half_life > 0 ? exp2(-(double)i / half_life) : 1;
        if (has_rows(relevance, past->item))
            add_row(relevance, model_item_contents(model, past->item),
                    (float)(past->weight * factor / history->norm), relevance->contents);
    }
}

static float bounded(float value)
{
    return value > -relevance_limit && value < relevance_limit ? value : 0; /* NAN too */
}

/* Content rows have the share of an item inside; for SIMILAR it is at least some. */
static void lift_contents(const struct relevance *relevance)
{
    const struct model *model = catalogue_model(relevance->catalogue);
    for (uint32_t i = 0; i < relevance->model_count; i++) {
        if (relevance->contents[i] == 0)
            continue;
        double events = model_item_events(model, i);
        double share = relevance->content_kappa / (events + relevance->content_kappa);
        if (share < content_similar_share)
            relevance->contents[i] *= (float)(content_similar_share / share);
    }
}

/* Four floats at once: compilers do not find this by themselves, because of what is not finite. */
typedef float floats __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t integers __attribute__((vector_size(16), aligned(4), may_alias));

/* As bounded(), for each. */
static floats bounded_floats(floats values)
{
    integers good = (values < relevance_limit) & (values > -relevance_limit);
    return (floats)((integers)values & good);
}

static void finish_scores(const struct relevance *relevance)
{
    const float *trend = model_trend(catalogue_model(relevance->catalogue));
    float *scores = relevance->scores, *contents = relevance->contents;
    uint32_t i = 0, count = relevance->model_count;
    for (; i + 4 <= count; i += 4) {
        floats score = *(floats *)(scores + i), content = bounded_floats(*(floats *)(contents + i));
        if (!relevance->similar)
            score *= *(const floats *)(trend + i);
        *(floats *)(contents + i) = content;
        *(floats *)(scores + i) = bounded_floats(bounded_floats(score) + content);
    }
    for (; i < count; i++) {
        contents[i] = bounded(contents[i]);
        scores[i] = bounded(bounded(relevance->similar ? scores[i] : scores[i] * trend[i]) + contents[i]);
    }
}

static void drop_content(const struct relevance *relevance, uint32_t item)
{
    relevance->scores[item] = bounded(relevance->scores[item] - relevance->contents[item]);
    relevance->contents[item] = 0;
}

static void add_rows(struct relevance *relevance, const struct engine_query *query,
                     const struct history *history)
{
    add_behaviour(relevance, query, history);
    add_contents(relevance, query, history);
    if (relevance->similar)
        lift_contents(relevance);
    finish_scores(relevance);
    for (size_t i = 0; i < history->count; i++) /* content says nothing new of them */
        if (history->items[i].item < relevance->model_count)
            drop_content(relevance, history->items[i].item);
}

static bool normalise(const double sum[ENGINE_VECTOR_SIZE], float vector[ENGINE_VECTOR_SIZE])
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

static void make_profile(const struct relevance *relevance, const struct history *history, bool all,
                         struct profile *profile)
{
    double liked[ENGINE_VECTOR_SIZE] = {0}, disliked[ENGINE_VECTOR_SIZE] = {0};
    for (size_t i = 0; i < history->count; i++) {
        const struct past *past = &history->items[i];
        if (!all && has_rows(relevance, past->item))
            continue;
        const float *vector = catalogue_vector(relevance->catalogue, past->item);
        double *sum = past->weight > 0 ? liked : disliked;
        for (int k = 0; k < ENGINE_VECTOR_SIZE; k++)
            sum[k] += fabs(past->weight) / history->norm * (double)vector[k];
    }
    profile->has_liked = normalise(liked, profile->liked);
    profile->has_disliked = normalise(disliked, profile->disliked);
}

static double likeness(const float *vector, const float profile[ENGINE_VECTOR_SIZE])
{
    double cosine = (double)text_vector_cosine(vector, profile);
    return fmin(fmax((cosine - content_noise) / (1 - content_noise), 0), 1);
}

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
    double content = profile->has_liked ? likeness(vector, profile->liked) : 0;
    if (profile->has_disliked)
        content -= likeness(vector, profile->disliked);
    return share * content * relevance->content_weight;
}

/* What the model's texts say of changed items is out of date. */
static void rate_changed(const struct relevance *relevance)
{
    size_t cursor = 0;
    uint32_t item;
    while (catalogue_next_changed(relevance->catalogue, &cursor, &item)) {
        drop_content(relevance, item);
        relevance->contents[item] = (float)content_by_vector(relevance, &relevance->all, item);
        relevance->scores[item] = bounded(relevance->scores[item] + relevance->contents[item]);
    }
}

void relevance_prepare(struct relevance *relevance, const struct engine_query *query, struct arena *arena)
{
    const struct model *model = catalogue_model(query->catalogue);
    struct history history = {0};
    memset(relevance, 0, sizeof(*relevance));
    relevance->catalogue = query->catalogue;
    relevance->similar = query->strategy == ENGINE_SIMILAR;
    relevance->model_count = model ? model_item_count(model) : 0;
    relevance->content_kappa = model ? (double)model_settings(model)->content_kappa : default_kappa;
    relevance->content_weight = model ? (double)model_settings(model)->content_weight : 1;
    relevance->in_history =
        arena_alloc(arena, catalogue_item_count(query->catalogue) / 64 + 1, sizeof(*relevance->in_history));
    history.items = arena_alloc(arena, query->history_count, sizeof(*history.items));
    collect(relevance, query, &history);
    weigh(relevance, query, &history);
    if (!(history.norm > 0) || !isfinite(history.norm))
        return;
    relevance->any = true;
    relevance->scores = catalogue_room(query->catalogue);
    relevance->contents = relevance->scores + relevance->model_count;
    make_profile(relevance, &history, true, &relevance->all);
    make_profile(relevance, &history, false, &relevance->unknown);
    if (relevance->model_count) {
        add_rows(relevance, query, &history);
        rate_changed(relevance);
    }
}

bool relevance_is_plain(const struct relevance *relevance)
{
    return relevance->any && !relevance->unknown.has_liked && !relevance->unknown.has_disliked;
}

double relevance_of_item(const struct relevance *relevance, uint32_t index, enum engine_source *source)
{
    if (!relevance->any)
        return 0;
    double behaviour = 0, content = 0;
    if (index < relevance->model_count) {
        content = (double)relevance->contents[index];
        behaviour = (double)relevance->scores[index] - content;
        if (!catalogue_is_changed(relevance->catalogue, index))
            content += content_by_vector(relevance, &relevance->unknown, index);
    } else {
        content = content_by_vector(relevance, &relevance->all, index);
    }
    *source = content > behaviour ? ENGINE_SOURCE_CONTENT : ENGINE_SOURCE_MODEL;
    return fmin(fmax(behaviour + content, -(double)relevance_limit), (double)relevance_limit);
}
