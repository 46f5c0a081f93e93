/* Events as they are read live, for one user, and whole, for training; see events.h.
 *
 * The weight of an event is that of its type times its own factor. Live, the type's part comes from memory
 * (event_types.h), because to join the types to each user's events would cost a fifth of the reading;
 * training reads each event once and joins. */
#include "storage/events.h"

#include "base/limits.h"
#include "storage/event_types.h"
#include "storage/query.h"

#include <string.h>

enum { LIMIT_VIEWED_EVENTS = 10000 };

/* The index is named so that the newest events are read off its end and a long history costs nothing: left
 * to itself the optimiser prefers other plans for tenants with few rows. It holds all columns that are read,
 * so nothing is sorted or looked up in the table. */
static const struct statement READ_RECENT = {
    "SELECT " EVENT_COLUMNS " FROM events e FORCE INDEX (events_by_user)"
    " WHERE e.tenant_id = ? AND e.user_id = ? ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?"};

static const struct statement READ_VIEWED = {
    "SELECT DISTINCT item_id FROM (SELECT item_id FROM events FORCE INDEX (events_by_user)"
    " WHERE tenant_id = ? AND user_id = ? AND occurred_at >= ?"
    " ORDER BY occurred_at DESC, event_id DESC LIMIT ?) newest"};

/* The events in the order of the primary key, each with its type looked up: any other plan sorts millions. */
static const struct statement STREAM_EVENTS = {
    "SELECT e.user_id, e.item_id, LEAST(100, GREATEST(-100, t.weight * COALESCE(e.factor, 1))),"
    " e.occurred_at FROM events e FORCE INDEX (PRIMARY)"
    " STRAIGHT_JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id"
    " WHERE e.tenant_id = ? ORDER BY e.event_id"};

void events_read_row(struct query *query, unsigned column, struct arena *arena, struct event_row *row)
{
    row->item_id = query_text(query, column, arena);
    row->occurred_at = query_int64(query, column + 1);
    row->type_id = query_uint32(query, column + 2);
    row->weight = query_length(query, column + 3) ? query_double(query, column + 3) : 1;
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
    if (!query_run(&query, db, &READ_RECENT, error, tenant->id, user_id, LIMIT_RECENT_EVENTS))
        return false;
    recent->rows = arena_alloc(arena, LIMIT_RECENT_EVENTS, sizeof(*recent->rows));
    while (recent->count < LIMIT_RECENT_EVENTS && query_fetch(&query))
        events_read_row(&query, 0, arena, &recent->rows[recent->count++]);
    return error->code == ERROR_NONE && event_types_weigh(db, tenant, recent, error);
}

bool events_read_viewed(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        int64_t since, const char ***item_ids, size_t *count, struct error *error)
{
    struct query query;
    if (!query_run(&query, db, &READ_VIEWED, error, tenant_id, user_id, since, LIMIT_VIEWED_EVENTS))
        return false;
    *item_ids = arena_alloc(arena, LIMIT_VIEWED_EVENTS, sizeof(**item_ids));
    for (*count = 0; *count < LIMIT_VIEWED_EVENTS && query_fetch(&query); (*count)++)
        (*item_ids)[*count] = query_text(&query, 0, arena);
    return error->code == ERROR_NONE;
}

bool admin_events_stream(struct database *db, struct arena *arena, uint32_t tenant_id, admin_event_each *each,
                         void *context, struct error *error)
{
    struct query query;
    bool more = query_stream(&query, db, &STREAM_EVENTS, error, tenant_id);
    while (more && query_fetch(&query)) {
        const char *user_id = query_text(&query, 0, arena);
        const char *item_id = query_text(&query, 1, arena);
        more = each(context, user_id, item_id, query_double(&query, 2), query_int64(&query, 3));
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
