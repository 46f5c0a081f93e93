/* The catalogue's changes; see items.h. */
#include "storage/items.h"

static const char SQL_CHANGED[] =
    "SELECT item_id, name, description, metadata, active AND NOT deleted, created_at, updated_at, revision"
    " FROM items WHERE tenant_id = ? AND revision > ? ORDER BY revision, item_id LIMIT ?";

/* With everything to read, only what is withdrawn; else also what no longer is. */
static const char SQL_WITHDRAWN[] =
    "SELECT item_id, name, description, metadata, NOT active AND NOT deleted, created_at, updated_at, "
    "revision"
    " FROM items WHERE tenant_id = ? AND revision > ? AND (? > 0 OR NOT (active OR deleted))"
    " ORDER BY revision, item_id";

#define WEIGHT "LEAST(100, GREATEST(-100, t.weight * COALESCE(n.factor, 1)))"

static const char SQL_POPULARITY[] =
    "SELECT n.item_id, SUM(" WEIGHT ") / 100, SUM(IF(n.occurred_at >= ?, " WEIGHT ", 0)) / 100"
    " FROM (SELECT item_id, event_type_id, occurred_at, factor FROM events FORCE INDEX (events_by_time)"
    " WHERE tenant_id = ?"
    " ORDER BY occurred_at DESC LIMIT ?) n"
    " JOIN event_types t ON t.tenant_id = ? AND t.event_type_id = n.event_type_id GROUP BY n.item_id";

static void read_item(struct query *query, struct arena *scratch, struct item_row *row)
{
    row->id = query_text(query, 0, scratch);
    row->name = query_text(query, 1, scratch);
    row->description = query_text(query, 2, scratch);
    row->metadata = query_text(query, 3, scratch);
    row->active = query_int64(query, 4);
    row->created_at = query_int64(query, 5);
    row->updated_at = query_int64(query, 6);
    row->revision = query_uint64(query, 7);
}

static bool visit_items(struct query *query, items_visit *visit, void *context, uint64_t *count,
                        struct error *error)
{
    if (!query_execute(query, error))
        return false;
    /* Rows may be many, so each is forgotten before the next. */
    struct arena *scratch = arena_create();
    for (*count = 0; query_fetch(query, error); (*count)++) {
        struct item_row row;
        read_item(query, scratch, &row);
        visit(context, scratch, &row);
        arena_reset(scratch);
    }
    arena_destroy(scratch);
    return error->code == ERROR_NONE;
}

bool items_visit_changed(struct database *db, uint32_t tenant_id, uint64_t revision, uint64_t limit,
                         items_visit *visit, void *context, uint64_t *count, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ITEMS_CHANGED, SQL_CHANGED, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, revision);
    query_bind_uint64(&query, limit);
    bool done = visit_items(&query, visit, context, count, error);
    query_finish(&query);
    return done;
}

bool items_visit_withdrawn(struct database *db, uint32_t tenant_id, uint64_t revision, items_visit *visit,
                           void *context, struct error *error)
{
    struct query query;
    uint64_t count;
    if (!query_prepare(&query, db, STATEMENT_ITEMS_WITHDRAWN, SQL_WITHDRAWN, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, revision);
    query_bind_uint64(&query, revision);
    bool done = visit_items(&query, visit, context, &count, error);
    query_finish(&query);
    return done;
}

static bool visit_popularity(struct query *query, popularity_visit *visit, void *context, struct error *error)
{
    if (!query_execute(query, error))
        return false;
    struct arena *scratch = arena_create();
    while (query_fetch(query, error)) {
        struct popularity_row row = {.item_id = query_text(query, 0, scratch),
                                     .all_time = query_double(query, 1),
                                     .recent = query_double(query, 2)};
        visit(context, &row);
        arena_reset(scratch);
    }
    arena_destroy(scratch);
    return error->code == ERROR_NONE;
}

bool items_visit_popularity(struct database *db, uint32_t tenant_id, int64_t since, uint64_t limit,
                            popularity_visit *visit, void *context, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ITEMS_POPULARITY, SQL_POPULARITY, error))
        return false;
    query_bind_int64(&query, since);
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, limit);
    query_bind_uint64(&query, tenant_id);
    bool done = visit_popularity(&query, visit, context, error);
    query_finish(&query);
    return done;
}
