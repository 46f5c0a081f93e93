/* POST /v1/search: the catalogue by words and vectors, filtered, and a little by what the person likes. The
 * answer is that of recommendations, with `query` beside it. */
#ifndef PALATE_API_RECOMMEND_SEARCH_H
#define PALATE_API_RECOMMEND_SEARCH_H

#include "request/request.h"

bool search_check(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
