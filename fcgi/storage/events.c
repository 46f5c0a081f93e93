/* What an end user did lately; see events.h. */
#include "storage/events.h"

#include "base/limits.h"
#include "storage/event_types.h"

#include <string.h>

enum { LIMIT_VIEWED_EVENTS = 10000 };

/* The index is named so that the newest events are read off its end and a long history costs nothing: left
 * to itself the optimiser prefers other plans for tenants with few rows. It holds all columns that are read,
 * so nothing is sorted or looked up in the table. */
static const char SQL_RECENT[] =
    "SELECT " EVENT_COLUMNS " FROM events e FORCE INDEX (events_by_user)"
    " WHERE e.tenant_id = ? AND e.user_id = ? ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?";

static const char SQL_VIEWED[] =
    "SELECT DISTINCT item_id FROM (SELECT item_id FROM events FORCE INDEX (events_by_user)"
    " WHERE tenant_id = ? AND user_id = ? AND occurred_at >= ?"
    " ORDER BY occurred_at DESC, event_id DESC LIMIT ?) newest";

void events_read_row(struct query *query, unsigned column, struct arena *arena, struct event_row *row)
{
    row->item_id = query_text(query, column, arena);
    row->occurred_at = query_int64(query, column + 1);
    row->type_id = (uint32_t)query_uint64(query, column + 2);
    row->weight = query_length(query, column + 3) ? query_double(query, column + 3) : 1;
}

static bool read_recent(struct query *query, struct arena *arena, struct recent_events *recent,
                        struct error *error)
{
    if (!query_execute(query, error))
        return false;
    recent->rows = arena_alloc(arena, LIMIT_RECENT_EVENTS, sizeof(*recent->rows));
    while (recent->count < LIMIT_RECENT_EVENTS && query_fetch(query, error))
        events_read_row(query, 0, arena, &recent->rows[recent->count++]);
    return error->code == ERROR_NONE;
}

bool events_read_recent(struct database *db, struct arena *arena, const struct tenant *tenant,
                        const char *user_id, const struct recent_events *known, struct recent_events *recent,
                        struct error *error)
{
    struct query query;
    if (known && known->user_id && !strcmp(known->user_id, user_id)) {
        *recent = *known;
        return true;
    }
    *recent = (struct recent_events){.user_id = user_id};
    if (!query_prepare(&query, db, STATEMENT_EVENTS_RECENT, SQL_RECENT, error))
        return false;
    query_bind_uint64(&query, tenant->id);
    query_bind_text(&query, user_id);
    query_bind_uint64(&query, LIMIT_RECENT_EVENTS);
    bool done = read_recent(&query, arena, recent, error);
    query_finish(&query);
    return done && event_types_weigh(db, tenant, recent, error);
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
