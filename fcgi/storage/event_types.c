/* Kinds of events; see event_types.h. */
#include "storage/event_types.h"

static const char SQL_FIND[] = "SELECT event_type_id FROM event_types WHERE tenant_id = ? AND (name = ? OR "
                               "CAST(event_type_id AS CHAR) = ?)"
                               " ORDER BY name = ? DESC LIMIT 1";

static const char SQL_ADD[] =
    "INSERT IGNORE INTO event_types (tenant_id, event_type_id, name, weight, is_purchase)"
    " SELECT ?, 1 + COALESCE(MAX(event_type_id), 0), ?, ?, FALSE FROM event_types WHERE tenant_id = ?"
    " HAVING COUNT(*) < ?";

bool event_types_find(struct database *db, uint32_t tenant_id, const char *name, uint32_t *type_id,
                      struct error *error)
{
    struct query query;
    *type_id = 0;
    if (!query_prepare(&query, db, STATEMENT_EVENT_TYPE_FIND, SQL_FIND, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, name);
    query_bind_text(&query, name);
    query_bind_text(&query, name);
    bool done = query_execute(&query, error);
    if (done && query_fetch(&query, error))
        *type_id = (uint32_t)query_uint64(&query, 0);
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}

bool event_types_add(struct database *db, uint32_t tenant_id, const char *name, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENT_TYPE_ADD, SQL_ADD, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, name);
    query_bind_int64(&query, ACCEPTED_TYPE_WEIGHT);
    query_bind_uint64(&query, tenant_id);
    query_bind_int64(&query, LIMIT_EVENT_TYPES);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}
