/* DELETE of one item, and of those that a body names. */
#ifndef PALATE_API_ITEMS_DELETE_H
#define PALATE_API_ITEMS_DELETE_H

#include "request/request.h"

bool items_delete_check(struct worker *worker, struct request *request);
bool items_delete_answer(struct worker *worker, struct request *request);

#endif
