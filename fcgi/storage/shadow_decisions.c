/* The shadow log; see shadow_decisions.h. */
#include "storage/shadow_decisions.h"

#include "storage/query.h"

static const struct statement INSERT_SHADOW = {
    "INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us)"
    " VALUES (?, ?, ?, ?, ?, ?)"};

/* From the shadows, which are few, to their decisions and requests. */
static const struct statement STREAM_PAIRS = {
    "SELECT q.entity_type = 'Item', q.user_id, d.decision_id,"
    " CAST(UNIX_TIMESTAMP(d.created_at) * 1000 AS INTEGER), d.results, s.outcome, s.results"
    " FROM shadow_decisions s STRAIGHT_JOIN decisions d ON d.tenant_id = s.tenant_id"
    " AND d.decision_id = s.decision_id STRAIGHT_JOIN sequences q ON q.tenant_id = d.tenant_id"
    " AND q.sequence_id = d.sequence_id WHERE s.tenant_id = ? AND d.created_at >= NOW() - INTERVAL ? DAY"
    " ORDER BY q.entity_type, q.user_id, d.created_at, d.decision_id"};

static const struct statement READ_EVENTS = {
    "SELECT e.item_id, e.occurred_at FROM events e FORCE INDEX (events_by_user)"
    " STRAIGHT_JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id"
    " WHERE e.tenant_id = ? AND e.user_id = ? AND e.occurred_at > ? AND e.occurred_at <= ?"
    " AND t.weight > 0 AND t.name <> 'impression' ORDER BY e.occurred_at, e.event_id"};

bool shadow_decisions_insert(struct database *db, const struct shadow_row *row, struct error *error)
{
    return database_execute(db, &INSERT_SHADOW, error, row->tenant_id, row->decision_id, row->outcome,
                            row->result_count, row->results, row->remote_us);
}

bool shadow_pairs_stream(struct database *db, struct arena *arena, uint32_t tenant_id, int64_t days,
                         shadow_pair_each *each, void *context, struct error *error)
{
    struct query query;
    bool more = query_stream(&query, db, &STREAM_PAIRS, error, tenant_id, days);
    while (more && query_fetch(&query)) {
        struct shadow_pair pair = {.entity = {.type = query_bool(&query, 0) ? ENTITY_ITEM : ENTITY_USER,
                                              .id = query_text(&query, 1, arena)},
                                   .decision_id = query_uint64(&query, 2),
                                   .at = query_int64(&query, 3),
                                   .shown = query_text(&query, 4, arena),
                                   .outcome = query_text(&query, 5, arena),
                                   .shadow = query_text(&query, 6, arena)};
        more = each(context, &pair);
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool shadow_events_read(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        int64_t after, int64_t last, struct shadow_event **events, size_t *count,
                        struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &READ_EVENTS, error, tenant_id, user_id, after, last))
        return false;
    *events = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**events));
    while (query_fetch(&query))
        (*events)[(*count)++] =
            (struct shadow_event){.item_id = query_text(&query, 0, arena), .at = query_int64(&query, 1)};
    return error->code == ERROR_NONE;
}
