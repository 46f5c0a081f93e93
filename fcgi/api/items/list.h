/* GET of items, a page at a time, in the order of their ids. */
#ifndef PALATE_API_ITEMS_LIST_H
#define PALATE_API_ITEMS_LIST_H

#include "request/request.h"

bool items_list_check(struct worker *worker, struct request *request);
bool items_list_answer(struct worker *worker, struct request *request);

#endif
