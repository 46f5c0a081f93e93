/* Decisions with their shadows; see shadow_pairs.h. */
#include "storage/shadow_pairs.h"

#include "storage/query_old.h"

static const char sql_pairs[] =
    "SELECT q.entity_type = 'Item', q.user_id, d.decision_id, "
    "CAST(UNIX_TIMESTAMP(d.created_at) * 1000 AS INTEGER), d.results, s.outcome, s.results "
    "FROM shadow_decisions s STRAIGHT_JOIN decisions d ON d.tenant_id = s.tenant_id "
    "AND d.decision_id = s.decision_id STRAIGHT_JOIN sequences q ON q.tenant_id = d.tenant_id "
    "AND q.sequence_id = d.sequence_id WHERE s.tenant_id = ? AND d.created_at >= NOW() - INTERVAL ? DAY "
    "ORDER BY q.entity_type, q.user_id, d.created_at, d.decision_id";
static const char sql_events[] =
    "SELECT e.item_id, e.occurred_at FROM events e FORCE INDEX (events_by_user) "
    "STRAIGHT_JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id "
    "WHERE e.tenant_id = ? AND e.user_id = ? AND e.occurred_at > ? AND e.occurred_at <= ? "
    "AND t.weight > 0 AND t.name <> 'impression' ORDER BY e.occurred_at, e.event_id";

bool shadow_pairs_stream(struct database *db, struct arena *arena, uint64_t tenant_id, int64_t days,
                         shadow_pair_each *each, void *context, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_SHADOW_PAIRS, sql_pairs, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_int64(&query, days);
    bool go_on = query_execute_streaming(&query, error);
    while (go_on && query_fetch(&query, error)) {
        struct shadow_pair pair = {.entity = {.type = query_int64(&query, 0) ? ENTITY_ITEM : ENTITY_USER,
                                              .id = query_text(&query, 1, arena)},
                                   .decision_id = query_uint64(&query, 2),
                                   .at = query_int64(&query, 3),
                                   .shown = query_text(&query, 4, arena),
                                   .outcome = query_text(&query, 5, arena),
                                   .shadow = query_text(&query, 6, arena)};
        go_on = each(context, &pair);
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool shadow_events_read(struct database *db, struct arena *arena, uint64_t tenant_id, const char *user_id,
                        int64_t after, int64_t last, struct shadow_event **events, size_t *count,
                        struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_SHADOW_EVENTS, sql_events, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, user_id);
    query_bind_int64(&query, after);
    query_bind_int64(&query, last);
    if (query_execute(&query, error)) {
        *events = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**events));
        while (query_fetch(&query, error))
            (*events)[(*count)++] =
                (struct shadow_event){.item_id = query_text(&query, 0, arena), .at = query_int64(&query, 1)};
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
