/* Explanations of a list and of its entries as JSON, in the newer API's shape. Every number in them was used;
 * what is not known is null. */
#ifndef PALATE_API_RECOMMEND_EXPLANATION_JSON_H
#define PALATE_API_RECOMMEND_EXPLANATION_JSON_H

#include "api/recommend/recommendations_json.h"

/* Writes {scope: "request", note, context, pipeline, experiments, user_segments, embedding}. */
void explanation_write_request(struct json_writer *out, const char *key,
                               const struct recommendations_view *view,
                               const struct recommendation_list *list) __attribute__((nonnull));

/* Writes {item_id, rank, summary, shown_because, source, score, embedding, rules, context, pipeline,
 * experiments, user_segments}. */
void explanation_write_item(struct json_writer *out, const char *key, const struct recommendations_view *view,
                            const struct recommendation_list *list, const struct recommendation *item,
                            size_t rank) __attribute__((nonnull));

/* Writes the list of stages that a list of items went through, with numbers in their notes. */
void explanation_write_stages(struct json_writer *out, const char *key,
                              const struct recommendation_query *query, const struct ranking_trace *trace,
                              size_t shown) __attribute__((nonnull));

/* What a source of an item means, in words. */
const char *explanation_of_source(const char *source) __attribute__((nonnull, returns_nonnull));

#endif
