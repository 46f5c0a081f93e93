/* Rates items and maps what they have to scores; see ranking.h, and recommend.h for the formulas.
 *
 * The problem: relevance, recent popularity and popularity are in units that do not compare, and yet a list
 * needs one order and one score. A weighted sum would have to be tuned for each tenant, and one viral item
 * could outweigh what a person likes.
 *
 * The idea: levels, not sums. An item stands on the first level on which anything speaks for it (relevance
 * above 0, else recent popularity, else popularity, else nothing), and what the history speaks against stands
 * last. Within a level the value decides, and ties go by id, so the order is total.
 *
 * Each level maps its value into a band of its own, by a function that rises strictly and saturates, so that
 * scores of different requests to one model compare and are never rescaled by what else is in the list:
 *
 *   relevant 0.5 + 0.5 h(x)   trending 0.3 + 0.2 h(log(1 + x))   popular 0.1 + 0.2 h(log(1 + x))
 *   nothing 0.1               against 0.1 (1 - h(-x))            with h(x) = x / (1 + x)
 *
 * The logarithm is there because counts of events are distributed over orders of magnitude. Preferences halve
 * all bands and lift preferred items by 0.5, so that the two tiers never overlap.
 *
 * Cost: a few arithmetic operations an item. Which items are rated at all is up to recommend.c and explain.c.
 */
#include "engine/ranking.h"

#include <math.h>

static void ban_item(struct ranking *ranking, uint32_t index)
{
    if (index < catalogue_item_count(ranking->query->catalogue))
        ranking->banned[index / 64] |= UINT64_C(1) << index % 64;
}

void ranking_prepare(struct ranking *ranking, const struct engine_query *query, struct arena *arena)
{
    *ranking = (struct ranking){.query = query};
    ranking->banned =
        arena_alloc(arena, catalogue_item_count(query->catalogue) / 64 + 1, sizeof(*ranking->banned));
    for (size_t i = 0; i < query->exclude_count; i++)
        ban_item(ranking, query->exclude[i]);
    /* What is like a thing is not that thing. */
    for (size_t i = 0; query->strategy == ENGINE_SIMILAR && i < query->history_count; i++)
        ban_item(ranking, query->history[i].item);
    if (query->strategy == ENGINE_PERSONALIZED || query->strategy == ENGINE_SIMILAR)
        relevance_prepare(&ranking->relevance, query, arena);
}

bool ranking_is_allowed(const struct ranking *ranking, uint32_t index)
{
    return !(ranking->banned[index / 64] >> index % 64 & 1) &&
           catalogue_is_active(ranking->query->catalogue, index);
}

/* ---- rating */

static void set_level(struct candidate *candidate, enum ranking_level level, double value,
                      enum engine_source source)
{
    candidate->level = (uint8_t)level;
    candidate->value = value;
    candidate->source = source;
}

static void rate_by_popularity(const struct ranking *ranking, struct candidate *candidate)
{
    const struct catalogue *catalogue = ranking->query->catalogue;
    double recent = (double)catalogue_recent(catalogue, candidate->item);
    double popularity = (double)catalogue_popularity(catalogue, candidate->item);
    if (recent > 0 && ranking->query->strategy != ENGINE_POPULAR)
        set_level(candidate, RANKING_TRENDING, recent, ENGINE_SOURCE_TRENDING);
    else if (popularity > 0)
        set_level(candidate, RANKING_POPULAR, popularity, ENGINE_SOURCE_POPULAR);
    else
        set_level(candidate, RANKING_REST, 0, ENGINE_SOURCE_FILL);
}

/* When an item was first seen. A time that lies ahead is a wrong clock, or goods that are not there yet: they come
 * behind all others, the nearest first, unless they are wanted first. A day is left for time zones. */
static double newness(const struct ranking *ranking, uint32_t item)
{
    static const int64_t day = 86400;
    int64_t seen = catalogue_first_seen(ranking->query->catalogue, item);
    bool ahead = seen > ranking->query->now + day && !ranking->query->upcoming_first;
    return ahead ? -(double)seen : (double)seen;
}

void ranking_rate(const struct ranking *ranking, struct candidate *candidate)
{
    const struct engine_query *query = ranking->query;
    if (query->strategy == ENGINE_NEWEST) {
        set_level(candidate, RANKING_NEWEST, newness(ranking, candidate->item), ENGINE_SOURCE_NEWEST);
        return;
    }
    struct relevance_parts parts = relevance_of_item(&ranking->relevance, candidate->item);
    if (parts.sum > 0)
        set_level(candidate, RANKING_RELEVANT, parts.sum,
                  parts.content > parts.behaviour ? ENGINE_SOURCE_CONTENT : ENGINE_SOURCE_MODEL);
    else if (parts.sum < 0)
        set_level(candidate, RANKING_AGAINST, parts.sum, ENGINE_SOURCE_FILL);
    else
        rate_by_popularity(ranking, candidate);
}

/* ---- scores */

/* From 0..infinity into 0..1, rising strictly. */
static double saturate(double value)
{
    return value / (1 + value);
}

static double age_in_days(const struct ranking *ranking, const struct candidate *candidate)
{
    return fmax(((double)ranking->query->now - candidate->value) / 86400, 0);
}

/* The bands of recommend.h: a lower level never scores above a higher one. */
static double score_level(const struct ranking *ranking, const struct candidate *candidate)
{
    double value = candidate->value;
    switch ((enum ranking_level)candidate->level) {
    case RANKING_RELEVANT:
        return 0.5 + 0.5 * saturate(value);
    case RANKING_TRENDING:
        return 0.3 + 0.2 * saturate(log1p(value));
    case RANKING_POPULAR:
        return 0.1 + 0.2 * saturate(log1p(value));
    case RANKING_NEWEST:
        return 1 / (1 + age_in_days(ranking, candidate) / 30);
    case RANKING_REST:
        return 0.1;
    case RANKING_AGAINST:
        return 0.1 * (1 - saturate(-value));
    }
    return 0;
}

/* The score with preferences. Rounding to float must not lift the lower tier to the upper one. */
static float tier_score(const struct ranking *ranking, const struct candidate *candidate)
{
    static const double below_half = 0.49999997;
    double plain = score_level(ranking, candidate);
    if (!ranking->query->preference_count)
        return (float)plain;
    return (float)(candidate->preferred ? 0.5 + plain / 2 : fmin(plain / 2, below_half));
}

struct engine_result ranking_result(const struct ranking *ranking, const struct candidate *candidate)
{
    double raw = candidate->level == RANKING_NEWEST ? -age_in_days(ranking, candidate) : candidate->value;
    return (struct engine_result){
        .item = candidate->item,
        .score = tier_score(ranking, candidate),
        .raw = (float)raw,
        .source = candidate->source,
        .preferred = candidate->preferred,
    };
}
