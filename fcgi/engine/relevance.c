/* Item-to-item scores with trend and content; see recommend.h for the formulas. */
#include "engine/relevance.h"

#include "engine/text_vector.h"

#include <math.h>
#include <string.h>

static const double trend_smoothing = 5; /* events at the catalogue's ratio that each item is given */
static const double trend_limit = 16;
static const double content_noise = 0.25; /* two standard deviations of unrelated texts: 2 / sqrt(64) */
static const double content_kappa = 5;    /* events at which content counts half */
static const double content_similar_share = 0.25;
static const double relevance_limit = 1e30; /* keeps a damaged model's figures finite as float */

static bool counts(const struct engine_query *query, size_t place)
{
    const struct engine_history_entry *entry = &query->history[place];
    return entry->item < catalogue_item_count(query->catalogue) && isfinite(entry->weight) &&
           entry->weight != 0;
}

static void add_behaviour(struct relevance *relevance, const struct engine_history_entry *entry,
                          double weight)
{
    if (entry->item >= relevance->model_count)
        return;
    struct model_row row = model_item_row(catalogue_model(relevance->catalogue), entry->item);
    for (size_t i = 0; i < row.count; i++)
        if (row.targets[i] < relevance->model_count && isfinite(row.weights[i]))
            relevance->behaviour[row.targets[i]] += weight * (double)row.weights[i];
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

static void add_vector(const struct relevance *relevance, uint32_t index, double weight, double *sum)
{
    const float *vector = catalogue_vector(relevance->catalogue, index);
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        sum[i] += weight * (double)vector[i];
}

static double catalogue_trend(const struct catalogue *catalogue)
{
    double recent = 0, all = 0;
    for (uint32_t i = 0; i < catalogue_item_count(catalogue); i++) {
        recent += (double)catalogue_recent(catalogue, i);
        all += (double)catalogue_popularity(catalogue, i);
    }
    return all > 0 ? recent / all : 0;
}

void relevance_prepare(struct relevance *relevance, const struct engine_query *query, struct arena *arena)
{
    const struct model *model = catalogue_model(query->catalogue);
    double liked[ENGINE_VECTOR_SIZE] = {0}, disliked[ENGINE_VECTOR_SIZE] = {0}, squares = 0;
    memset(relevance, 0, sizeof(*relevance));
    relevance->catalogue = query->catalogue;
    relevance->similar = query->strategy == ENGINE_SIMILAR;
    for (size_t i = 0; i < query->history_count; i++)
        if (counts(query, i))
            squares += (double)query->history[i].weight * (double)query->history[i].weight;
    if (squares <= 0)
        return;
    relevance->any = true;
    relevance->model_count = model ? model_item_count(model) : 0;
    relevance->behaviour = arena_alloc(arena, relevance->model_count, sizeof(*relevance->behaviour));
    relevance->in_history =
        arena_alloc(arena, catalogue_item_count(query->catalogue) / 64 + 1, sizeof(*relevance->in_history));
    for (size_t i = 0; i < query->history_count; i++) {
        if (!counts(query, i))
            continue;
        const struct engine_history_entry *entry = &query->history[i];
        double weight = (double)entry->weight / sqrt(squares);
        relevance->in_history[entry->item / 64] |= UINT64_C(1) << entry->item % 64;
        add_behaviour(relevance, entry, weight);
        add_vector(relevance, entry->item, fabs(weight), weight > 0 ? liked : disliked);
    }
    relevance->has_liked = normalise(liked, relevance->liked);
    relevance->has_disliked = normalise(disliked, relevance->disliked);
    if (!relevance->similar)
        relevance->trend_base = catalogue_trend(query->catalogue);
}

static double trend_of_item(const struct relevance *relevance, uint32_t index)
{
    double base = relevance->trend_base;
    if (base <= 0)
        return 1;
    double recent = (double)catalogue_recent(relevance->catalogue, index);
    double all = (double)catalogue_popularity(relevance->catalogue, index);
    double factor = (recent + trend_smoothing * base) / (all + trend_smoothing) / base;
    return fmin(fmax(factor, 1 / trend_limit), trend_limit);
}

static double likeness(const float *vector, const float profile[ENGINE_VECTOR_SIZE])
{
    double cosine = (double)text_vector_cosine(vector, profile);
    return fmin(fmax((cosine - content_noise) / (1 - content_noise), 0), 1);
}

static double content_of_item(const struct relevance *relevance, uint32_t index)
{
    if (relevance->in_history[index / 64] >> index % 64 & 1)
        return 0;
    const float *vector = catalogue_vector(relevance->catalogue, index);
    double share = content_kappa / ((double)catalogue_events(relevance->catalogue, index) + content_kappa);
    if (relevance->similar)
        share = fmax(share, content_similar_share);
    double content = relevance->has_liked ? likeness(vector, relevance->liked) : 0;
    if (relevance->has_disliked)
        content -= likeness(vector, relevance->disliked);
    return share * content;
}

double relevance_of_item(const struct relevance *relevance, uint32_t index, enum engine_source *source)
{
    if (!relevance->any)
        return 0;
    double behaviour = index < relevance->model_count ? relevance->behaviour[index] : 0;
    if (behaviour != 0)
        behaviour *= trend_of_item(relevance, index);
    double content = content_of_item(relevance, index);
    *source = content > behaviour ? ENGINE_SOURCE_CONTENT : ENGINE_SOURCE_MODEL;
    return fmin(fmax(behaviour + content, -relevance_limit), relevance_limit);
}
