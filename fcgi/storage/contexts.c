/* Stored contexts; see contexts.h. */
#include "storage/contexts.h"

static const char SQL_FIND_ID[] = "SELECT context_id, context_key, name, settings FROM contexts"
                                  " WHERE tenant_id = ? AND context_id = ?";
static const char SQL_FIND_KEY[] = "SELECT context_id, context_key, name, settings FROM contexts"
                                   " WHERE tenant_id = ? AND context_key = ?";

static bool read_row(struct query *query, struct arena *arena, struct context_row *row, bool *found,
                     struct error *error)
{
    if (!query_execute(query, error))
        return false;
    *found = query_fetch(query, error);
    if (!*found)
        return error->code == ERROR_NONE;
    row->id = (uint32_t)query_uint64(query, 0);
    row->key = query_text(query, 1, arena);
    row->name = query_text(query, 2, arena);
    row->settings = query_text(query, 3, arena);
    return true;
}

bool contexts_find_id(struct database *db, struct arena *arena, uint32_t tenant_id, uint32_t context_id,
                      struct context_row *row, bool *found, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CONTEXT_FIND_ID, SQL_FIND_ID, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, context_id);
    bool done = read_row(&query, arena, row, found, error);
    query_finish(&query);
    return done;
}

bool contexts_find_key(struct database *db, struct arena *arena, uint32_t tenant_id, const char *key,
                       struct context_row *row, bool *found, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CONTEXT_FIND_KEY, SQL_FIND_KEY, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, key);
    bool done = read_row(&query, arena, row, found, error);
    query_finish(&query);
    return done;
}
