/* GET and HEAD of one item, with an ETag; GET of items, a page at a time, in the order of their ids. And the
 * item that a caller means by an id. */
#ifndef PALATE_API_ITEMS_READ_H
#define PALATE_API_ITEMS_READ_H

#include "request/request.h"
#include "storage/items.h"

bool item_read_check(struct worker *worker, struct request *request);
bool item_read_answer(struct worker *worker, struct request *request);

bool items_list_check(struct worker *worker, struct request *request);
bool items_list_answer(struct worker *worker, struct request *request);

/* The item of the id in the path, in the arena: of the id as it is, else without a prefix of the first
 * clients (base/id_prefix.h). ERROR_ITEM_NOT_FOUND when there is none. */
bool item_lookup(struct worker *worker, struct request *request, struct item_row *row, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
