/* POST /api/recommend/recommend: the first document. */
#ifndef PALATE_API_RECOMMEND_RECOMMEND_H
#define PALATE_API_RECOMMEND_RECOMMEND_H

#include "request/request.h"

bool recommend_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool recommend_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
