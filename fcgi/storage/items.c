/* The catalogue as a whole: its changes, its popularity, all of its items; see items.h. */
#include "storage/items.h"

#include "base/limits.h"
#include "storage/query.h"

static const struct statement READ_CHANGED = {
    "SELECT item_id, name, description, metadata, active AND NOT deleted, created_at, updated_at, revision"
    " FROM items WHERE tenant_id = ? AND revision > ? ORDER BY revision, item_id LIMIT ?"};

/* With everything to read, only what is withdrawn; else also what no longer is. */
static const struct statement READ_WITHDRAWN = {
    "SELECT item_id, name, description, metadata, NOT active AND NOT deleted, created_at, updated_at,"
    " revision FROM items WHERE tenant_id = ? AND revision > ? AND (? > 0 OR NOT (active OR deleted))"
    " ORDER BY revision, item_id LIMIT ?"};

#define WEIGHT "LEAST(100, GREATEST(-100, t.weight * COALESCE(n.factor, 1)))"

/* The newest events are cut off by their index before anything is joined: a long history costs nothing. */
/* A person counts for an item as much as a purchase at most, as in training (training/learn/popularity.c). */
static const struct statement READ_POPULARITY = {
    "SELECT item_id, SUM(LEAST(all_time, 100)) / 100, SUM(LEAST(recent, 100)) / 100 FROM"
    " (SELECT n.item_id, SUM(" WEIGHT ") AS all_time, SUM(IF(n.occurred_at >= ?, " WEIGHT ", 0)) AS recent"
    " FROM (SELECT user_id, item_id, event_type_id, occurred_at, factor FROM events"
    " FORCE INDEX (events_by_time) WHERE tenant_id = ? ORDER BY occurred_at DESC LIMIT ?) n"
    " JOIN event_types t ON t.tenant_id = ? AND t.event_type_id = n.event_type_id"
    " GROUP BY n.item_id, n.user_id) people GROUP BY item_id"};

static const struct statement STREAM_ITEMS = {
    "SELECT item_id, name, description, metadata, created_at, updated_at FROM items"
    " WHERE tenant_id = ? AND active AND NOT deleted ORDER BY item_id"};

static const struct statement COUNT_REVISION = {
    "SELECT COUNT(*) FROM items WHERE tenant_id = ? AND revision = ?"};

static const struct statement COUNT_SINCE = {
    "SELECT COUNT(*) FROM items WHERE tenant_id = ? AND revision > ?"};

/* Rows may be many, so each is forgotten before the next. */
static bool visit_items(struct query *query, items_visit *visit, void *context, uint64_t *count,
                        struct error *error)
{
    struct arena *scratch = arena_create();
    for (*count = 0; query_fetch(query); (*count)++) {
        struct item_row row = {.id = query_text(query, 0, scratch),
                               .name = query_text(query, 1, scratch),
                               .description = query_text(query, 2, scratch),
                               .metadata = query_text(query, 3, scratch),
                               .active = query_bool(query, 4),
                               .created_at = query_int64(query, 5),
                               .updated_at = query_int64(query, 6),
                               .revision = query_uint64(query, 7)};
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
    return query_run(&query, db, &READ_CHANGED, error, tenant_id, revision, limit) &&
           visit_items(&query, visit, context, count, error);
}

bool items_visit_withdrawn(struct database *db, uint32_t tenant_id, uint64_t revision, items_visit *visit,
                           void *context, struct error *error)
{
    struct query query;
    /* Of all there are, one more than a catalogue takes, which says that some were left out: a shop may have
     * withdrawn many times what it sells. */
    uint64_t count, limit = revision ? UINT32_MAX : LIMIT_CATALOGUE_CHANGES + 1;
    return query_run(&query, db, &READ_WITHDRAWN, error, tenant_id, revision, revision, limit) &&
           visit_items(&query, visit, context, &count, error);
}

bool items_visit_popularity(struct database *db, uint32_t tenant_id, int64_t since, uint64_t limit,
                            popularity_visit *visit, void *context, struct error *error)
{
    struct query query;
    if (!query_run(&query, db, &READ_POPULARITY, error, since, tenant_id, limit, tenant_id))
        return false;
    struct arena *scratch = arena_create();
    while (query_fetch(&query)) {
        struct popularity_row row = {.item_id = query_text(&query, 0, scratch),
                                     .all_time = query_double(&query, 1),
                                     .recent = query_double(&query, 2)};
        visit(context, &row);
        arena_reset(scratch);
    }
    arena_destroy(scratch);
    return error->code == ERROR_NONE;
}

bool admin_items_stream(struct database *db, struct arena *arena, uint32_t tenant_id, admin_item_each *each,
                        void *context, struct error *error)
{
    struct query query;
    bool more = query_stream(&query, db, &STREAM_ITEMS, error, tenant_id);
    while (more && query_fetch(&query)) {
        struct admin_item item = {.id = query_text(&query, 0, arena),
                                  .name = query_text(&query, 1, arena),
                                  .description = query_text(&query, 2, arena),
                                  .metadata = query_text(&query, 3, arena),
                                  .active = true,
                                  .created = query_int64(&query, 4),
                                  .updated = query_int64(&query, 5)};
        more = each(context, &item);
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

static bool count_rows(struct database *db, const struct statement *statement, uint32_t tenant_id,
                       uint64_t revision, uint64_t *count, struct error *error)
{
    struct query query;
    *count = query_find(&query, db, statement, error, tenant_id, revision) ? query_uint64(&query, 0) : 0;
    return error->code == ERROR_NONE;
}

bool admin_items_count_revision(struct database *db, uint32_t tenant_id, uint64_t revision, uint64_t *count,
                                struct error *error)
{
    return count_rows(db, &COUNT_REVISION, tenant_id, revision, count, error);
}

bool admin_items_count_since(struct database *db, uint32_t tenant_id, uint64_t revision, uint64_t *count,
                             struct error *error)
{
    return count_rows(db, &COUNT_SINCE, tenant_id, revision, count, error);
}
