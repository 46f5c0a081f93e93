/* The answer of GET /recommendations as JSON: the second document's fields and those that later clients of
 * the same service read. */
#ifndef PALATE_API_RECOMMENDATIONS_JSON_H
#define PALATE_API_RECOMMENDATIONS_JSON_H

#include "recommender/recommender.h"
#include "request/request.h"
#include "storage/embeddings.h"

struct recommendations_view {
    const struct request *request;
    enum entity_type entity_type;
    const char *entity_id;
    struct embedding_row embedding;     /* stored name and description */
    const struct viewed_window *viewed; /* NULL: no window */
    size_t limit;                       /* asked for */
};

/* A new object; the caller owns it. */
struct json_object *recommendations_json(const struct recommendations_view *view,
                                         const struct recommendation_list *list)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
