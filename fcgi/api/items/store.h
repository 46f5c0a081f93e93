/* POST /v1/items, which creates, and POST /items, which creates or updates; one item or a list. */
#ifndef PALATE_API_ITEMS_STORE_H
#define PALATE_API_ITEMS_STORE_H

#include "request/request.h"

bool items_store_check(struct worker *worker, struct request *request);
bool items_store_answer(struct worker *worker, struct request *request);

#endif
