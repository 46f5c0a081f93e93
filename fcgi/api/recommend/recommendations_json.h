/* The answer of recommendations as JSON. Below /v1 it has the newer API's fields; elsewhere also the second
 * document's and those that later clients of the unversioned path read. */
#ifndef PALATE_API_RECOMMEND_RECOMMENDATIONS_JSON_H
#define PALATE_API_RECOMMEND_RECOMMENDATIONS_JSON_H

#include "api/recommend/auto_sections.h"
#include "api/recommend/ranked_pages.h"
#include "api/recommend/recommendations_parameters.h"
#include "recommender/recommender.h"
#include "request/request.h"

struct recommendations_view {
    const struct request *request;
    const struct recommendations_parameters *parameters;
    const struct recommendation_query *query;
    const struct ranked_page *page;
    const struct auto_section *section; /* NULL: single mode */
};

/* A new object; the caller owns it. */
struct json_object *recommendations_json(const struct recommendations_view *view,
                                         const struct recommendation_list *list)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* Where the vector that steers came from: {source, used_default, default_reason, dimension,
 * expected_dimension, averaged_interactions?}. */
struct json_object *recommendations_embedding_info(const struct recommendations_view *view,
                                                   const struct recommendation_list *list)
    __attribute__((nonnull, returns_nonnull));

/* The window of viewed items that was in force, or NULL. */
struct json_object *recommendations_viewed_json(const struct recommendation_query *query)
    __attribute__((nonnull));

#endif
