/* The parameters of GET /recommendations and GET /v1/recommendations, with all their spellings, read and
 * checked without a query. */
#ifndef PALATE_API_RECOMMEND_RECOMMENDATIONS_PARAMETERS_H
#define PALATE_API_RECOMMEND_RECOMMENDATIONS_PARAMETERS_H

#include "api/recommend/auto_cursor.h"
#include "api/recommend/entry_fields.h"
#include "api/recommend/find_context.h"
#include "api/recommend/request_filters.h"
#include "request/request.h"
#include "storage/embeddings.h"

struct recommendations_parameters {
    bool is_newer;        /* to be read by the rules of /v1; set before the reading */
    struct entity entity; /* who the list is for, or the item that it is to be like; id NULL: not known */
    struct entity owner;  /* whose row and log it is: the same, but a token's subject is a user in any case */
    const char *context;  /* number or key, NULL: none */
    int64_t quantity;     /* 0: not given */
    const char *name, *description; /* NULL: not given */
    const char *after;              /* starting_after, NULL: the first page; only on /v1 */
    bool is_auto;
    struct auto_cursor cursor; /* of the first section when none was given */
    int64_t candidate_limit, served_cap;
    struct request_filters filters;
    bool explain, include_suppressed;
    unsigned fields;              /* what the entries of the answer have: a set of enum entry_field */
    const struct text_wish *wish; /* a search; NULL: none */
    const char *controls; /* surface, rerank_mode, rerank_depth as given, JSON text; NULL: none of them */

    /* Set on the way to the answer. */
    struct found_context *found; /* NULL: none */
    struct embedding_row embedding;
};

/* Reads them all into the arena, takes request_id, and notes telemetry of headers among the merged
 * parameters, which are logged. */
bool recommendations_parameters_read(struct request *request, struct recommendations_parameters *parameters)
    __attribute__((nonnull, warn_unused_result));

/* Finds the context that they name. Unknown: ERROR_CONTEXT_NOT_FOUND. */
bool recommendations_choose_context(struct worker *worker, struct request *request,
                                    struct recommendations_parameters *parameters)
    __attribute__((nonnull, warn_unused_result));

/* A visitor's id that is a known user's (storage/known_users.h) names nobody: a browser may send any. */
bool recommendations_check_visitor(struct worker *worker, struct request *request,
                                   struct recommendations_parameters *parameters)
    __attribute__((nonnull, warn_unused_result));

/* Sets what they say in a query, which must not outlive them. The time is now. */
void recommendations_set_query(struct arena *arena, const struct recommendations_parameters *parameters,
                               struct recommendation_query *query) __attribute__((nonnull));

#endif
