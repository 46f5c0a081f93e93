/* The item that a caller means; see lookup.h. */
#include "api/items/lookup.h"

#include "base/id_prefix.h"
#include "storage/items_read.h"

bool item_lookup(struct worker *worker, struct request *request, struct item_row *row, struct error *error)
{
    const char *candidates[ID_CANDIDATES];
    size_t count = id_candidates(ID_OF_ITEM, request->path_id, candidates);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        if (!items_find(worker->db, request->arena, request->tenant.id, candidates[i], row, &found, error))
            return false;
    }
    return found || error_set(error, ERROR_ITEM_NOT_FOUND, "There is no item with this id");
}
