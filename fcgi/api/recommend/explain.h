/* GET and POST /explain and /v1/explain: why an item stands where it does for a user, or why it does not
 * appear. Takes what recommendations take, and `itemId`. Reads only: it is no decision, so none is logged. */
#ifndef PALATE_API_RECOMMEND_EXPLAIN_H
#define PALATE_API_RECOMMEND_EXPLAIN_H

#include "request/request.h"

bool explain_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool explain_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
