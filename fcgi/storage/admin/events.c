/* Rows of events; see events.h. */
#include "storage/admin/events.h"

static const char sql_insert[] =
    "INSERT IGNORE INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at, quantity, "
    "deduplication) VALUES (?, ?, ?, ?, ?, ?, ?)";

/* The events in the order of the primary key, each with its type looked up: any other plan sorts millions. */
static const char sql_stream[] =
    "SELECT e.user_id, e.item_id, LEAST(100, GREATEST(-100, t.weight * COALESCE(e.factor, 1))), "
    "e.occurred_at "
    "FROM events e FORCE INDEX (PRIMARY) "
    "STRAIGHT_JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id "
    "WHERE e.tenant_id = ? ORDER BY e.event_id";

bool admin_event_add(struct bulk *bulk, uint64_t tenant_id, const struct admin_event *event)
{
    bulk_add_int64(bulk, (int64_t)tenant_id);
    bulk_add_text(bulk, event->user_id);
    bulk_add_text(bulk, event->item_id);
    bulk_add_int64(bulk, (int64_t)event->type_id);
    bulk_add_int64(bulk, event->occurred_at);
    bulk_add_int64(bulk, event->quantity);
    bulk_add_bytes(bulk, event->deduplication, EVENT_DEDUPLICATION_BYTES);
    return bulk_end_row(bulk);
}

bool admin_events_insert(struct database *db, struct bulk *bulk, uint64_t *inserted, struct error *error)
{
    return bulk_execute(bulk, db, STATEMENT_EVENT_INSERT, sql_insert, inserted, error);
}

bool admin_events_stream(struct database *db, struct arena *arena, uint64_t tenant_id, admin_event_each *each,
                         void *context, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENTS_STREAM, sql_stream, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bool go_on = query_execute_streaming(&query, error);
    while (go_on && query_fetch(&query, error)) {
        const char *user_id = query_text(&query, 0, arena);
        const char *item_id = query_text(&query, 1, arena);
        go_on = each(context, user_id, item_id, query_double(&query, 2), query_int64(&query, 3));
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
