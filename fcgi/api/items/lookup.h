/* The item that a caller means by an id: as it is, else without a prefix of the first clients
 * (base/id_prefix.h). */
#ifndef PALATE_API_ITEMS_LOOKUP_H
#define PALATE_API_ITEMS_LOOKUP_H

#include "request/request.h"
#include "storage/items.h"

/* The item of the id in the path, in the arena. ERROR_ITEM_NOT_FOUND when there is none. */
bool item_lookup(struct worker *worker, struct request *request, struct item_row *row, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
