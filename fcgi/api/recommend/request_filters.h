/* What a request does not want to see: its filters, exclusions and window of viewed items. One reader for
 * recommendations, searches and explanations. */
#ifndef PALATE_API_RECOMMEND_REQUEST_FILTERS_H
#define PALATE_API_RECOMMEND_REQUEST_FILTERS_H

#include "base/json_write.h"
#include "recommender/context_settings.h"
#include "recommender/filter_parse.h"
#include "recommender/recommender.h"
#include "request/request.h"

struct request_filters {
    struct filter_list filters; /* `scope`, `filter`, `filters`, in this order */
    const char **exclude;       /* ids */
    size_t exclude_count;
    bool has_viewed; /* `exclude_viewed` was given: it replaces the context's window */
    struct viewed_window viewed;
};

/* Reads scope, filter, filters, exclude and exclude_viewed. Errors: ERROR_INVALID_FILTER,
 * ERROR_INVALID_SCOPE_JSON, else ERROR_VALIDATION with the field. */
bool request_filters_read(struct request *request, struct request_filters *filters)
    __attribute__((nonnull, warn_unused_result));

/* Makes them part of a query, which must not outlive them. */
void request_filters_apply(const struct request_filters *filters, struct recommendation_query *query)
    __attribute__((nonnull));

/* Writes conditions as structured entries: {column, operator, value, logic}. */
void request_filters_write(struct json_writer *out, const char *key,
                           const struct filter_condition *conditions, size_t count)
    __attribute__((nonnull(1)));

#endif
