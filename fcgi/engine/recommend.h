/* Ranks a catalogue for one query: the answer to "what next?".
 *
 * Pure: same model, same changes, same query, same answer. Owns nothing; working memory comes from the arena
 * and from the catalogue (catalogue_room()). Passes over only what cannot be in the list, and keeps the best
 * in a bounded heap, so filters act inside the search and cannot starve it. Does not know users, requests or
 * events: the caller weighs the history. */
#ifndef PALATE_ENGINE_RECOMMEND_H
#define PALATE_ENGINE_RECOMMEND_H

#include "base/arena.h"
#include "engine/catalogue.h"
#include "engine/filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum engine_strategy {
    ENGINE_PERSONALIZED, /* by the history; without one as TRENDING */
    ENGINE_TRENDING,     /* by recent popularity */
    ENGINE_POPULAR,      /* by popularity over all time */
    ENGINE_SIMILAR,      /* like the items of the history, which are themselves never returned */
    ENGINE_NEWEST,       /* by catalogue_first_seen(), newest first */
    ENGINE_STRATEGY__MAX
};

/* Why an item is in the list. */
enum engine_source {
    ENGINE_SOURCE_MODEL,       /* "model": mostly behaviour */
    ENGINE_SOURCE_CONTENT,     /* "content": mostly likeness of texts */
    ENGINE_SOURCE_TRENDING,    /* "trending_backfill" */
    ENGINE_SOURCE_POPULAR,     /* "popular" */
    ENGINE_SOURCE_NEWEST,      /* "newest" */
    ENGINE_SOURCE_FILL,        /* "fill": nothing speaks for it, but it is eligible */
    ENGINE_SOURCE_EXPLORATION, /* "exploration": given a chance; never from the engine itself */
    ENGINE_SOURCE_KEYWORD,     /* "keyword": its words were searched for; these three come from searches */
    ENGINE_SOURCE_SEMANTIC,    /* "semantic": near to what was searched for */
    ENGINE_SOURCE_HYBRID,      /* "hybrid": both */
    ENGINE_SOURCE_REMOTE,      /* "remote": ranked by the remote recommender; never from the engine itself */
    ENGINE_SOURCE__MAX
};
const char *engine_source_name(enum engine_source source) __attribute__((returns_nonnull, const));

/* Something the user did. An item may occur more than once: its weights add up, but to no more than the
 * greatest of them, and it counts where it stands first. */
struct engine_history_entry {
    uint32_t item; /* index; out of range is ignored */
    float weight;  /* signed; not finite is ignored. Negative pushes alike items down */
};

/* An entry from an event's weight, -100 to 100: that of its type times its own factor. The one place for this
 * scale, for events from the database as for those of a file, so that what is measured on files is what the
 * service does. How recent the event is, the engine weighs as chosen in training: see newest_first. */
static inline struct engine_history_entry engine_history_of_event(uint32_t item, double weight)
{
    return (struct engine_history_entry){.item = item, .weight = (float)(weight / 100)};
}

struct engine_query {
    const struct catalogue *catalogue;
    enum engine_strategy strategy;
    const struct engine_history_entry *history; /* for SIMILAR: the seeds */
    size_t history_count;
    /* The history is given newest first, weights without recency: the model's own recency, which was chosen
     * on the tenant's events, is applied, and what usually comes next counts. When false the order says
     * nothing, and recency is already in the weights, if anywhere. */
    bool newest_first;
    const struct filter *const *filters; /* all must match, exactly */
    size_t filter_count;
    const struct filter *const *preferences; /* items that match all come first, the others only fill */
    size_t preference_count;
    const uint32_t *exclude; /* indices never returned; out of range is ignored */
    size_t exclude_count;
    size_t limit; /* up to 100,000; 0 gives nothing */
    int64_t now;  /* Unix seconds; only NEWEST looks at it, for its scores */
};

struct engine_result {
    uint32_t item;
    float score; /* 0..1, never rising down the list; see below */
    float raw;   /* the value before mapping: relevance, popularity, or (NEWEST) minus the age in days */
    enum engine_source source;
    bool preferred; /* matched all preferences (false when there are none) */
};

/* Writes the best results, best first, and returns their number: limit, or fewer only when there are no more
 * eligible items (active, matching all filters, not excluded, not a seed of SIMILAR).
 *
 * Order: preferred items first; then by what speaks for them:
 *   1. relevance > 0 (PERSONALIZED, SIMILAR), highest first. Relevance is
 *        behaviour x trend + content
 *      behaviour  sum over the history of weight x the model's rows (blended and signed), divided by the
 *                 history's L2 norm, plus what usually comes next: transitions x weight / greatest weight x
 *                 transition_recency for each newer item (its mean over the history without newest_first)
 *      trend      the model's factor for the item, from recent / all-time popularity; 1 for SIMILAR
 *      content    likeness of texts to what the history liked less likeness to what it disliked, times
 *                 kappa / (events of the item + kappa): full for a new item; for SIMILAR at least 1/4. From
 *                 the model's content rows; where an item was added or changed since, the cosine of small
 *                 vectors beyond 0.25 (below it is noise), scaled to 0..content_weight. 0 for items of the
 *                 history
 *   2. recent popularity > 0
 *   3. popularity > 0
 *   4. the rest
 *   5. items that the history speaks against (relevance < 0), least bad first
 * TRENDING and POPULAR start at 2 and 3, NEWEST has one level. Equal values: by id, bytewise.
 *
 * Score: fixed monotone functions of the raw value, no scaling by what else is in the list, so scores of
 * different requests to the same model compare. With h(x) = x / (1 + x), p(x) = h(log(1 + x)):
 *   relevance 0.5 + 0.5 h(raw); recent popularity 0.3 + 0.2 p(raw); popularity 0.1 + 0.2 p(raw);
 *   rest 0.1; against 0.1 (1 - h(-raw)); NEWEST 1 / (1 + age in days / 30), where an age below 0 counts as 0.
 * When the query has preferences, a preferred item's score s becomes 0.5 + s / 2, another's s / 2 (just
 * below 0.5 at most), so that tiers never overlap. */
size_t engine_recommend(const struct engine_query *query, struct arena *arena, struct engine_result *results)
    __attribute__((nonnull(1, 2), warn_unused_result));

#endif
