/* The item that a caller means; see lookup.h. */
#include "api/items/lookup.h"

#include "storage/items_read.h"

#include <string.h>

size_t item_id_candidates(const char *id, const char *candidates[ITEM_ID_CANDIDATES])
{
    static const char *const prefixes[] = {"itm_", "rec_itm_", "rec_", "evt_", "ctx_"};
    size_t count = 0;
    candidates[count++] = id;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t length = strlen(prefixes[i]);
        if (!strncmp(id, prefixes[i], length) && id[length] && count < ITEM_ID_CANDIDATES)
            candidates[count++] = id + length;
    }
    return count;
}

bool item_lookup(struct worker *worker, struct request *request, struct item_row *row, struct error *error)
{
    const char *candidates[ITEM_ID_CANDIDATES];
    size_t count = item_id_candidates(request->path_id, candidates);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        if (!items_find(worker->db, request->arena, request->tenant.id, candidates[i], row, &found, error))
            return false;
    }
    return found || error_set(error, ERROR_ITEM_NOT_FOUND, "There is no item with this id");
}
