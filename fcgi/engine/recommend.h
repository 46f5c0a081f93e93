/* Ranks a catalogue for one query: the answer to "what next?".
 *
 * Pure: same model, same changes, same query, same answer. Owns nothing; working memory comes from the arena
 * and from the catalogue (catalogue_room()). Passes over only what cannot be in the list, and keeps the best
 * in a bounded heap, so filters act inside the search and cannot starve it. Does not know users, requests or
 * events: the caller weighs the history. */
#ifndef PALATE_ENGINE_RECOMMEND_H
#define PALATE_ENGINE_RECOMMEND_H

#include "base/arena.h"
#include "engine/query.h"

/* "model", "content" ...: see enum engine_source. */
const char *engine_source_name(enum engine_source source) __attribute__((returns_nonnull, const));

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
