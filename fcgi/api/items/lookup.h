/* The item that a caller means by an id. The first published clients put prefixes in front of ids, so an id
 * that is not found is looked for without them. */
#ifndef PALATE_API_ITEMS_LOOKUP_H
#define PALATE_API_ITEMS_LOOKUP_H

#include "request/request.h"
#include "storage/items.h"

/* The ids that may be meant, the likeliest first: as it is, then without a prefix. Returns their number; they
 * are parts of id. */
enum { ITEM_ID_CANDIDATES = 4 };
size_t item_id_candidates(const char *id, const char *candidates[ITEM_ID_CANDIDATES])
    __attribute__((nonnull, warn_unused_result));

/* The item of the id in the path, in the arena. ERROR_ITEM_NOT_FOUND when there is none. */
bool item_lookup(struct worker *worker, struct request *request, struct item_row *row, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
