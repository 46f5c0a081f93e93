/* GET of items by words: exact words before the beginnings of words, all of them before some. */
#ifndef PALATE_API_ITEMS_SEARCH_H
#define PALATE_API_ITEMS_SEARCH_H

#include "request/request.h"

bool items_search_check(struct worker *worker, struct request *request);
bool items_search_answer(struct worker *worker, struct request *request);

#endif
