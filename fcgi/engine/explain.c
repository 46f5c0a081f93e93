/* Why an item stands where it does; see explain.h.
 *
 * The problem: an explanation that is computed another way than the list will sooner or later contradict it.
 * So nothing is estimated here. The ranking is prepared as for the list (ranking.h), the item is rated by the
 * same function, and the history's contributions are the very products that were added to its sum
 * (row_sum_share()). Their total may differ from the relevance in the last digits, because floats are added
 * in another order.
 *
 * The first obstacle wins, in the order in which the list tests: inactive, seed or excluded, then the filters
 * in order. The rank is one more than the number of eligible items that are better: this rates every item
 * once, one by one, and is therefore far slower than the list, which passes over most of them.
 *
 * Contributions are only those of rows. What an added or changed item gets by its text comes from the mean
 * vector of the whole history and cannot be divided among its entries. */
#include "engine/explain.h"

#include "base/work_budget.h"
#include "engine/ranking.h"
#include "engine/row_sum.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const char *const standing_names[] = {
    [ENGINE_LISTED] = "listed", [ENGINE_BELOW_LIMIT] = "below_limit", [ENGINE_INACTIVE] = "inactive",
    [ENGINE_SEED] = "seed",     [ENGINE_EXCLUDED] = "excluded",       [ENGINE_FILTERED] = "filtered",
};
static_assert(sizeof(standing_names) / sizeof(*standing_names) == ENGINE_STANDING__MAX, "each has a name");

const char *engine_standing_name(enum engine_standing standing)
{
    return (unsigned)standing < ENGINE_STANDING__MAX ? standing_names[standing] : "listed";
}

static bool is_seed(const struct engine_query *query, uint32_t item)
{
    for (size_t i = 0; query->strategy == ENGINE_SIMILAR && i < query->history_count; i++)
        if (query->history[i].item == item)
            return true;
    return false;
}

/* Sets why the item cannot be in the list, if it cannot; ENGINE_LISTED stands for eligible here. */
static void find_obstacle(const struct ranking *ranking, uint32_t item,
                          struct engine_explanation *explanation)
{
    const struct engine_query *query = ranking->query;
    explanation->standing = ENGINE_LISTED;
    if (!catalogue_is_active(query->catalogue, item))
        explanation->standing = ENGINE_INACTIVE;
    else if (!ranking_is_allowed(ranking, item))
        explanation->standing = is_seed(query, item) ? ENGINE_SEED : ENGINE_EXCLUDED;
    for (size_t i = 0; explanation->standing == ENGINE_LISTED && i < query->filter_count; i++) {
        if (filter_find_failure(query->filters[i], item, &explanation->condition)) {
            explanation->standing = ENGINE_FILTERED;
            explanation->filter = i;
        }
    }
}

static struct candidate rate_item(const struct ranking *ranking, uint32_t item)
{
    const struct engine_query *query = ranking->query;
    struct candidate candidate = {.item = item, .preferred = query->preference_count > 0};
    ranking_rate(ranking, &candidate);
    candidate.preferred =
        candidate.preferred && filter_all_match(query->preferences, query->preference_count, item);
    return candidate;
}

/* One more than there are better eligible items. */
static size_t find_rank(const struct ranking *ranking, const struct candidate *candidate)
{
    const struct engine_query *query = ranking->query;
    size_t rank = 1;
    for (uint32_t item = 0; item < catalogue_item_count(query->catalogue) && work_budget_take(1); item++) {
        if (!ranking_is_allowed(ranking, item))
            continue;
        struct candidate other = rate_item(ranking, item);
        if (candidate_is_better(query->catalogue, &other, candidate) &&
            filter_all_match(query->filters, query->filter_count, item))
            rank++;
    }
    return rank;
}

/* How much one entry of the history moves the relevance, either way: by this they are sorted. */
static double measure_part(const struct engine_explanation *explanation,
                           const struct engine_contribution *part)
{
    return fabs(((double)part->behaviour + (double)part->transition) * explanation->trend +
                (double)part->content);
}

/* By insertion, so that equal ones stay in order: histories are short. */
static void insert_part(const struct engine_explanation *explanation, struct engine_contribution *parts,
                        size_t count, struct engine_contribution part)
{
    for (; count && measure_part(explanation, &parts[count - 1]) < measure_part(explanation, &part); count--)
        parts[count] = parts[count - 1];
    parts[count] = part;
}

/* What one entry of the history gives to the item: from the same rows, with the same factors. */
static struct engine_contribution find_contribution(const struct relevance *relevance,
                                                    const struct past *past, uint32_t item)
{
    const struct model *model = catalogue_model(relevance->catalogue);
    struct engine_contribution part = {.item = past->item, .weight = (float)past->weight};
    if (past->item >= relevance->model_count || item >= relevance->model_count)
        return part;
    struct model_row row = model_item_row(model, past->item);
    part.behaviour = row_sum_share(&row, past->factor, item);
    row = model_item_transitions(model, past->item);
    part.transition = row_sum_share(&row, past->order, item);
    bool by_rows = relevance_has_rows(relevance, past->item) && relevance_has_rows(relevance, item) &&
                   !(relevance->in_history[item / 64] >> item % 64 & 1);
    row = model_item_contents(model, past->item);
    if (by_rows)
        part.content = row_sum_share(&row, past->factor, item) * relevance_content_lift(relevance, item);
    return part;
}

static void explain_relevance(const struct relevance *relevance, uint32_t item, struct arena *arena,
                              struct engine_explanation *explanation)
{
    struct engine_contribution *parts = arena_alloc(arena, relevance->history_count, sizeof(*parts));
    struct relevance_parts sums = relevance_of_item(relevance, item);
    explanation->relevance = sums.sum;
    explanation->content = sums.content;
    if (relevance->trend && item < relevance->model_count)
        explanation->trend = (double)relevance->trend[item];
    for (size_t i = 0; relevance->any && i < relevance->history_count; i++) {
        struct engine_contribution part = find_contribution(relevance, &relevance->history[i], item);
        explanation->behaviour += (double)part.behaviour;
        explanation->transitions += (double)part.transition;
        if (measure_part(explanation, &part) != 0)
            insert_part(explanation, parts, explanation->contribution_count++, part);
    }
    explanation->contributions = parts;
}

void engine_explain_item(const struct engine_query *query, uint32_t item, struct arena *arena,
                         struct engine_explanation *explanation)
{
    struct ranking ranking;
    *explanation = (struct engine_explanation){.trend = 1};
    ranking_prepare(&ranking, query, arena);
    find_obstacle(&ranking, item, explanation);
    struct candidate candidate = rate_item(&ranking, item);
    explanation->result = ranking_result(&ranking, &candidate);
    if (query->strategy == ENGINE_PERSONALIZED || query->strategy == ENGINE_SIMILAR)
        explain_relevance(&ranking.relevance, item, arena, explanation);
    if (explanation->standing != ENGINE_LISTED)
        return;
    explanation->rank = find_rank(&ranking, &candidate);
    if (explanation->rank > query->limit)
        explanation->standing = ENGINE_BELOW_LIMIT;
}
