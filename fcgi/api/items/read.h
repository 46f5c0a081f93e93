/* GET and HEAD of one item, with an ETag; GET of items, a page at a time, in the order of their ids. */
#ifndef PALATE_API_ITEMS_READ_H
#define PALATE_API_ITEMS_READ_H

#include "request/request.h"

bool item_read_check(struct worker *worker, struct request *request);
bool item_read_answer(struct worker *worker, struct request *request);

bool items_list_check(struct worker *worker, struct request *request);
bool items_list_answer(struct worker *worker, struct request *request);

#endif
