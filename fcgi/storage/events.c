/* What an end user did lately; see events.h. */
#include "storage/events.h"

#include <math.h>

enum { LIMIT_VIEWED_EVENTS = 10000 };

/* The index is named so that the newest events are read off its end and a long history costs nothing: left
 * to itself the optimiser prefers other plans for tenants with few rows. It holds all columns that are read,
 * and the types are joined to it in its order, so nothing is sorted or looked up in the table. */
static const char SQL_RECENT[] =
    "SELECT e.item_id, e.occurred_at, t.weight * COALESCE(e.factor, 1), t.is_purchase"
    " FROM events e FORCE INDEX (events_by_user)"
    " STRAIGHT_JOIN event_types t ON t.tenant_id = ? AND t.event_type_id = e.event_type_id"
    " WHERE e.tenant_id = ? AND e.user_id = ? ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?";

static const char SQL_VIEWED[] =
    "SELECT DISTINCT item_id FROM (SELECT item_id FROM events FORCE INDEX (events_by_user)"
    " WHERE tenant_id = ? AND user_id = ? AND occurred_at >= ?"
    " ORDER BY occurred_at DESC, event_id DESC LIMIT ?) newest";

static bool read_recent(struct query *query, struct arena *arena, uint32_t limit, struct event_row **rows,
                        size_t *count, struct error *error)
{
    if (!query_execute(query, error))
        return false;
    *rows = arena_alloc(arena, limit ? limit : 1, sizeof(**rows));
    for (*count = 0; *count < limit && query_fetch(query, error); (*count)++) {
        struct event_row *row = &(*rows)[*count];
        row->item_id = query_text(query, 0, arena);
        row->occurred_at = query_int64(query, 1);
        row->weight = fmax(-100, fmin(100, query_double(query, 2)));
        row->is_purchase = query_int64(query, 3);
    }
    return error->code == ERROR_NONE;
}

bool events_read_recent(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        uint32_t limit, struct event_row **rows, size_t *count, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENTS_RECENT, SQL_RECENT, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, user_id);
    query_bind_uint64(&query, limit);
    bool done = read_recent(&query, arena, limit, rows, count, error);
    query_finish(&query);
    return done;
}

static bool read_viewed(struct query *query, struct arena *arena, const char ***item_ids, size_t *count,
                        struct error *error)
{
    if (!query_execute(query, error))
        return false;
    *item_ids = arena_alloc(arena, LIMIT_VIEWED_EVENTS, sizeof(**item_ids));
    for (*count = 0; *count < LIMIT_VIEWED_EVENTS && query_fetch(query, error); (*count)++)
        (*item_ids)[*count] = query_text(query, 0, arena);
    return error->code == ERROR_NONE;
}

bool events_read_viewed(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        int64_t since, const char ***item_ids, size_t *count, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENTS_VIEWED, SQL_VIEWED, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, user_id);
    query_bind_int64(&query, since);
    query_bind_uint64(&query, LIMIT_VIEWED_EVENTS);
    bool done = read_viewed(&query, arena, item_ids, count, error);
    query_finish(&query);
    return done;
}
