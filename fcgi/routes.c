/* THE route table: method, path, who checks the parameters, who answers, whom it lets in, how its errors
 * look and what body it takes. 404, 405, Allow and the answer to OPTIONS all come from here. Exact paths
 * stand before those with an id. */
#include "routes.h"

#include "api/explain.h"
#include "api/recommend.h"
#include "api/recommendations.h"

/* clang-format off */
const struct route routes[] = {
    /* The first document. */
    {"POST", "/api/recommend/recommend", recommend_check, recommend_answer, ACCESS_TOKEN, STYLE_DETAIL, BODY_MERGED},

    /* The second document; the last two are the path of the first published clients. */
    {"GET", "/recommendations", recommendations_check, recommendations_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/recommendations", recommendations_check, recommendations_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/recommendation", recommendations_check, recommendations_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/recommendation", recommendations_check, recommendations_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/v1/recommendations", recommendations_check, recommendations_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/v1/recommendations", recommendations_check, recommendations_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},

    /* Tokens. */

    /* Items. */

    /* Events. */

    /* Search and explanations. */
    {"GET", "/explain", explain_check, explain_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"POST", "/explain", explain_check, explain_answer, ACCESS_READ, STYLE_MESSAGE, BODY_MERGED},
    {"GET", "/v1/explain", explain_check, explain_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},
    {"POST", "/v1/explain", explain_check, explain_answer, ACCESS_READ, STYLE_OBJECT, BODY_MERGED},

    /* About the service. */

    {0},
};
/* clang-format on */
