/* THE route table: method, path, who checks the parameters, who answers, whom it lets in, how its errors
 * look and what body it takes. 404, 405, Allow and the answer to OPTIONS all come from here. Exact paths
 * stand before those with an id.
 *
 * "The first document" is the API that answers at /api/recommend/recommend, "the second document" the one
 * with everything else; many of its paths exist with and without /v1, which differ in the shape of errors and
 * of some answers (request_is_v1). A path is looked for from the top of the table, row by row: with some
 * sixty rows that is less than a microsecond, and a table that is read as it stands beats an index. */
#include "routes.h"

#include "api/events/events.h"
#include "api/events/list.h"
#include "api/health.h"
#include "api/items/delete.h"
#include "api/items/read.h"
#include "api/items/search.h"
#include "api/items/store.h"
#include "api/items/update.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/recommend/explain.h"
#include "api/recommend/recommend.h"
#include "api/recommend/recommendations.h"
#include "api/recommend/search.h"
#include "api/token.h"

/* clang-format off */
const struct route routes[] = {
    /* The first document. */
    {"POST", "/api/recommend/recommend", recommend_check, recommend_answer, ACCESS_TOKEN, STYLE_DETAIL, BODY_MERGED},

    /* The second document; the last two are the path of the first published clients. */
    {"GET", "/recommendations", recommendations_check, recommendations_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/recommendations", recommendations_check, recommendations_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/recommendation", recommendations_check, recommendations_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/recommendation", recommendations_check, recommendations_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/v1/recommendations", recommendations_check, recommendations_answer, ACCESS_READ_OWN, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/v1/recommendations", recommendations_check, recommendations_answer, ACCESS_READ_OWN, STYLE_OBJECT, BODY_MERGED},

    /* Tokens. A row of OPTIONS is a path that takes nothing else: old clients ask there for what is allowed. */
    {"POST", "/oauth2/token", token_check, token_answer, ACCESS_OPEN, STYLE_OAUTH, BODY_ALONE},
    {"POST", "/auth/token", token_check, token_answer, ACCESS_OPEN, STYLE_OAUTH, BODY_ALONE},
    {"POST", "/v1/oauth2/token", token_check, token_answer, ACCESS_OPEN, STYLE_OAUTH, BODY_ALONE},
    {"POST", "/v1/auth/token", token_check, token_answer, ACCESS_OPEN, STYLE_OAUTH, BODY_ALONE},
    {"GET", "/.well-known/jwks.json", jwks_check, jwks_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"HEAD", "/.well-known/jwks.json", jwks_check, jwks_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"OPTIONS", "/", NULL, NULL, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"OPTIONS", "/auth", NULL, NULL, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"OPTIONS", "/v1", NULL, NULL, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"OPTIONS", "/v1/auth", NULL, NULL, ACCESS_OPEN, STYLE_OBJECT, BODY_NONE},

    /* Items. */
    {"GET", "/v1/items/search", items_search_check, items_search_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"GET", "/v1/items", items_list_check, items_list_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"HEAD", "/v1/items", items_list_check, items_list_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/v1/items", items_store_check, items_store_answer, ACCESS_WRITE, STYLE_OBJECT, BODY_LIST},
    {"DELETE", "/v1/items", items_delete_check, items_delete_answer, ACCESS_WRITE, STYLE_OBJECT, BODY_LIST},
    {"GET", "/items/search", items_search_check, items_search_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/items", items_list_check, items_list_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"HEAD", "/items", items_list_check, items_list_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/items", items_store_check, items_store_answer, ACCESS_WRITE, STYLE_MESSAGE, BODY_LIST},
    {"DELETE", "/items", items_delete_check, items_delete_answer, ACCESS_WRITE, STYLE_MESSAGE, BODY_LIST},
    {"GET", "/v1/items/{id}", item_read_check, item_read_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"HEAD", "/v1/items/{id}", item_read_check, item_read_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/v1/items/{id}", items_update_check, items_update_answer, ACCESS_WRITE, STYLE_OBJECT, BODY_MERGED},
    {"PATCH", "/v1/items/{id}", items_update_check, items_update_answer, ACCESS_WRITE, STYLE_OBJECT, BODY_MERGED},
    {"DELETE", "/v1/items/{id}", items_delete_check, items_delete_answer, ACCESS_WRITE, STYLE_OBJECT, BODY_MERGED},
    {"GET", "/items/{id}", item_read_check, item_read_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"HEAD", "/items/{id}", item_read_check, item_read_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/items/{id}", items_update_check, items_update_answer, ACCESS_WRITE, STYLE_MESSAGE, BODY_MERGED},
    {"PATCH", "/items/{id}", items_update_check, items_update_answer, ACCESS_WRITE, STYLE_MESSAGE, BODY_MERGED},
    {"DELETE", "/items/{id}", items_delete_check, items_delete_answer, ACCESS_WRITE, STYLE_MESSAGE, BODY_MERGED},

    /* Events. */
    {"POST", "/v1/events", events_check, events_answer, ACCESS_WRITE_OWN, STYLE_OBJECT, BODY_LIST},
    {"GET", "/v1/events", events_list_check, events_list_answer, ACCESS_READ_OWN, STYLE_OBJECT, BODY_MERGED},
    {"GET", "/v1/events/{id}", event_read_check, event_read_answer, ACCESS_READ_OWN, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/events", events_check, events_answer, ACCESS_WRITE_OWN, STYLE_MESSAGE, BODY_LIST},
    {"GET", "/events", events_list_check, events_list_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/events/{id}", event_read_check, event_read_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},

    /* Search and explanations. */
    {"POST", "/v1/search", search_check, recommendations_answer, ACCESS_READ_OWN, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/search", search_check, recommendations_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/explain", explain_check, explain_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/explain", explain_check, explain_answer, ACCESS_READ_OWN, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/v1/explain", explain_check, explain_answer, ACCESS_READ_OWN, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/v1/explain", explain_check, explain_answer, ACCESS_READ_OWN, STYLE_OBJECT, BODY_MERGED},

    /* About the service. */
    {"GET", "/openapi.json", openapi_check, openapi_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"HEAD", "/openapi.json", openapi_check, openapi_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"GET", "/health", health_check, health_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"HEAD", "/health", health_check, health_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"GET", "/ready", health_check, ready_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"HEAD", "/ready", health_check, ready_answer, ACCESS_OPEN, STYLE_MESSAGE, BODY_NONE},
    {"GET", "/metrics", metrics_check, metrics_answer, ACCESS_METRICS, STYLE_MESSAGE, BODY_NONE},

    {0},
};
/* clang-format on */
