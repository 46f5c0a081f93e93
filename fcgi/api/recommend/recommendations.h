/* GET and POST /recommendations and /v1/recommendations: the second document, with the merged answer for all
 * of its clients, and its newer form with pages, sections and explanations. */
#ifndef PALATE_API_RECOMMEND_RECOMMENDATIONS_H
#define PALATE_API_RECOMMEND_RECOMMENDATIONS_H

#include "request/request.h"

bool recommendations_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool recommendations_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
