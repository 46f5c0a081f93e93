/* Whether an item is gone or only off; see item_states.h. */
#include "storage/item_states.h"

static const char SQL_STATE[] = "SELECT active, deleted FROM items WHERE tenant_id = ? AND item_id = ?";

bool item_states_read(struct database *db, uint32_t tenant_id, const char *item_id, enum item_state *state,
                      struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ITEM_STATE, SQL_STATE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, item_id);
    *state = ITEM_STATE_UNKNOWN;
    if (query_execute(&query, error) && query_fetch(&query, error))
        *state = query_int64(&query, 1)   ? ITEM_STATE_DELETED
                 : query_int64(&query, 0) ? ITEM_STATE_ACTIVE
                                          : ITEM_STATE_INACTIVE;
    query_finish(&query);
    return error->code == ERROR_NONE;
}
