/* GET and HEAD of one item, with an ETag. */
#ifndef PALATE_API_ITEMS_READ_H
#define PALATE_API_ITEMS_READ_H

#include "request/request.h"

bool item_read_check(struct worker *worker, struct request *request);
bool item_read_answer(struct worker *worker, struct request *request);

#endif
