/* The answer of recommendations as JSON. Below /v1 it has the newer API's fields; elsewhere also the second
 * document's and those that later clients of the unversioned path read. */
#ifndef PALATE_API_RECOMMEND_RECOMMENDATIONS_JSON_H
#define PALATE_API_RECOMMEND_RECOMMENDATIONS_JSON_H

#include "api/recommend/auto_sections.h"
#include "api/recommend/ranked_pages.h"
#include "api/recommend/recommendations_parameters.h"
#include "base/json_write.h"
#include "recommender/recommender.h"
#include "request/request.h"

struct recommendations_view {
    const struct request *request;
    const struct recommendations_parameters *parameters;
    const struct recommendation_query *query;
    const struct ranked_page *page;
    const struct auto_section *section; /* NULL: single mode */
};

/* The whole answer, text in the request's arena. */
const char *recommendations_json(const struct recommendations_view *view,
                                 const struct recommendation_list *list)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* Writes where the vector that steers came from: {source, used_default, default_reason, dimension,
 * expected_dimension, averaged_interactions?, scoring_vector?}; the last where it is not NULL. */
void recommendations_write_embedding_info(struct json_writer *out, const char *key,
                                          const struct recommendations_view *view,
                                          const struct recommendation_list *list, const char *scoring_vector)
    __attribute__((nonnull(1, 3, 4)));

/* Writes the window of viewed items that was in force, or null: {value, unit, interval}. */
void recommendations_write_viewed(struct json_writer *out, const char *key,
                                  const struct recommendation_query *query) __attribute__((nonnull));

/* Writes a section of auto mode, or null: {section_id, title, reason: {type, window_days, item_id?}}. */
void recommendations_write_section(struct json_writer *out, const char *key,
                                   const struct auto_section *section) __attribute__((nonnull(1)));

#endif
