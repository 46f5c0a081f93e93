/* Rows of event_types; see event_types.h. */
#include "storage/admin/event_types.h"

#include "storage/admin/rows.h"

static const char sql_insert[] =
    "INSERT INTO event_types (tenant_id, event_type_id, name, weight, is_purchase) VALUES (?, ?, ?, ?, ?)";
static const char sql_store[] =
    "INSERT INTO event_types (tenant_id, event_type_id, name, weight, is_purchase) VALUES (?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE weight = VALUES(weight), is_purchase = VALUES(is_purchase)";
static const char sql_delete[] = "DELETE FROM event_types WHERE tenant_id = ? AND name = ?";
static const char sql_list[] = "SELECT event_type_id, name, weight, is_purchase FROM event_types "
                               "WHERE tenant_id = ? ORDER BY event_type_id";

static bool write_type(struct query *query, uint64_t tenant_id, const struct admin_event_type *type,
                       struct error *error)
{
    query_bind_uint64(query, tenant_id);
    query_bind_uint64(query, type->id);
    query_bind_text(query, type->name);
    query_bind_int64(query, type->weight);
    query_bind_int64(query, type->is_purchase);
    bool done = query_execute(query, error);
    query_finish(query);
    return done;
}

bool admin_event_type_insert(struct database *db, uint64_t tenant_id, const struct admin_event_type *type,
                             struct error *error)
{
    struct query query;
    return query_prepare(&query, db, STATEMENT_EVENT_TYPE_INSERT, sql_insert, error) &&
           write_type(&query, tenant_id, type, error);
}

bool admin_event_type_store(struct database *db, uint64_t tenant_id, const struct admin_event_type *type,
                            struct error *error)
{
    struct query query;
    return query_prepare(&query, db, STATEMENT_EVENT_TYPE_STORE, sql_store, error) &&
           write_type(&query, tenant_id, type, error);
}

bool admin_event_type_delete(struct database *db, uint64_t tenant_id, const char *name, bool *deleted,
                             struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENT_TYPE_DELETE, sql_delete, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, name);
    bool done = query_execute(&query, error);
    *deleted = done && query_affected(&query) > 0;
    query_finish(&query);
    return done;
}

bool admin_event_type_list(struct database *db, struct arena *arena, uint64_t tenant_id,
                           struct admin_event_type **types, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_EVENT_TYPE_LIST, sql_list, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (query_execute(&query, error)) {
        *types = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**types));
        while (query_fetch(&query, error)) {
            (*types)[(*count)++] = (struct admin_event_type){.id = query_uint64(&query, 0),
                                                             .name = query_text(&query, 1, arena),
                                                             .weight = (int)query_int64(&query, 2),
                                                             .is_purchase = query_int64(&query, 3) != 0};
        }
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
