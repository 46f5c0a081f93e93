/* POST and PATCH of one item: any of its fields. */
#ifndef PALATE_API_ITEMS_UPDATE_H
#define PALATE_API_ITEMS_UPDATE_H

#include "request/request.h"

bool items_update_check(struct worker *worker, struct request *request);
bool items_update_answer(struct worker *worker, struct request *request);

#endif
