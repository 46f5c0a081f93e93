/* Explanations of a list and of its entries as JSON, in the newer API's shape. Every number in them was used;
 * what is not known is null. */
#ifndef PALATE_API_RECOMMEND_EXPLANATION_JSON_H
#define PALATE_API_RECOMMEND_EXPLANATION_JSON_H

#include "api/recommend/recommendations_json.h"

/* {scope: "request", note, context, pipeline, experiments, user_segments, embedding}. New objects both; the
 * caller owns them. */
struct json_object *explanation_of_request(const struct recommendations_view *view,
                                           const struct recommendation_list *list)
    __attribute__((nonnull, returns_nonnull));

/* {item_id, rank, summary, shown_because, source, score, context, embedding, pipeline, rules, experiments,
 * user_segments}. */
struct json_object *explanation_of_item(const struct recommendations_view *view,
                                        const struct recommendation_list *list,
                                        const struct recommendation *item, size_t rank)
    __attribute__((nonnull, returns_nonnull));

/* The stages that a list went through, with numbers in their notes. */
struct json_object *explanation_stages(struct arena *arena, const struct recommendation_query *query,
                                       const struct ranking_trace *trace, size_t shown)
    __attribute__((nonnull, returns_nonnull));

/* What a source of an item means, in words. */
const char *explanation_of_source(const char *source) __attribute__((nonnull, returns_nonnull));

#endif
