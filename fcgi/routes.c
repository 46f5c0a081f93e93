/* THE route table: method, path, who checks the parameters, who answers, what it needs and how its errors
 * look. 404, 405, Allow and the answer to OPTIONS all come from here. */
#include "routes.h"

#include "api/recommend.h"
#include "api/recommendations.h"

const struct route routes[] = {
    {"POST", "/api/recommend/recommend", recommend_check, recommend_answer, false, STYLE_DETAIL},
    {"GET", "/recommendations", recommendations_check, recommendations_answer, true, STYLE_MESSAGE},
    {"POST", "/recommendations", recommendations_check, recommendations_answer, true, STYLE_MESSAGE},
    /* The path of the first published clients. */
    {"GET", "/recommendation", recommendations_check, recommendations_answer, true, STYLE_MESSAGE},
    {"POST", "/recommendation", recommendations_check, recommendations_answer, true, STYLE_MESSAGE},
    {0},
};
