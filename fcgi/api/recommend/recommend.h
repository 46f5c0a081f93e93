/* POST /api/recommend/recommend: the first of the two published documents that this API answers.
 *
 * Request: {sequence_data, task, template, user_id?, quantity?}. Answer: {status_code, results: [{
 * recommendation_id, score, rank, item_id, name, metadata}]}, flat and best first. Errors: STYLE_DETAIL. */
#ifndef PALATE_API_RECOMMEND_RECOMMEND_H
#define PALATE_API_RECOMMEND_RECOMMEND_H

#include "request/request.h"

bool recommend_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool recommend_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
