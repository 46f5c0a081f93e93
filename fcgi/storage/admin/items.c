/* Rows of items; see items.h. */
#include "storage/admin/items.h"

/* Without the indexes and checks of the catalogue, which only cost time here. */
static const char sql_stage[] =
    "CREATE OR REPLACE TEMPORARY TABLE imported_items (PRIMARY KEY (tenant_id, item_id)) ENGINE=InnoDB AS "
    "SELECT tenant_id, item_id, name, description, metadata, active, revision, created_at, updated_at "
    "FROM items WHERE tenant_id = 0";
/* created_at 0: not given. */
static const char sql_collect[] =
    "REPLACE INTO imported_items (tenant_id, item_id, name, description, metadata, active, revision, "
    "created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)";

/* The assignments of ON DUPLICATE KEY run from left to right and see what those before them did: what is
 * decided by comparing must come first. BINARY, because a space at the end is a change, too. */
#define UNCHANGED                                                                                            \
    "(items.deleted = FALSE AND items.name = BINARY n.name AND items.description = BINARY n.description "    \
    "AND items.metadata = n.metadata AND items.active = n.active AND n.created_at IN (0, items.created_at))"

static const char sql_apply[] =
    "INSERT INTO items (tenant_id, item_id, name, description, metadata, active, revision, created_at, "
    "updated_at) SELECT n.tenant_id, n.item_id, n.name, n.description, n.metadata, n.active, ?, "
    "IF(n.created_at = 0, n.updated_at, n.created_at), n.updated_at FROM imported_items n "
    "WHERE n.tenant_id = ? ON DUPLICATE KEY UPDATE "
    "items.updated_at = IF(" UNCHANGED ", items.updated_at, VALUES(updated_at)), "
    "items.revision = IF(" UNCHANGED ", items.revision, VALUES(revision)), "
    "items.created_at = IF(n.created_at = 0, items.created_at, n.created_at), items.deleted = FALSE, "
    "items.name = VALUES(name), items.description = VALUES(description), "
    "items.metadata = VALUES(metadata), items.active = VALUES(active)";
static const char sql_count_revision[] = "SELECT COUNT(*) FROM items WHERE tenant_id = ? AND revision = ?";
static const char sql_count_since[] = "SELECT COUNT(*) FROM items WHERE tenant_id = ? AND revision > ?";
static const char sql_stream[] =
    "SELECT item_id, name, description, metadata, created_at, updated_at FROM items "
    "WHERE tenant_id = ? AND active AND NOT deleted ORDER BY item_id";

bool admin_items_stage(struct database *db, struct error *error)
{
    return database_run_script(db, sql_stage, error);
}

bool admin_item_add(struct bulk *bulk, uint64_t tenant_id, int64_t now, const struct admin_item *item)
{
    bulk_add_int64(bulk, (int64_t)tenant_id);
    bulk_add_text(bulk, item->id);
    bulk_add_text(bulk, item->name);
    bulk_add_text(bulk, item->description);
    bulk_add_text(bulk, item->metadata);
    bulk_add_int64(bulk, item->active);
    bulk_add_int64(bulk, item->created);
    bulk_add_int64(bulk, now);
    return bulk_end_row(bulk);
}

bool admin_items_collect(struct database *db, struct bulk *bulk, struct error *error)
{
    uint64_t affected;
    return bulk_execute(bulk, db, STATEMENT_ITEM_STORE, sql_collect, &affected, error);
}

bool admin_items_apply(struct database *db, uint64_t tenant_id, uint64_t revision, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ITEMS_APPLY, sql_apply, error))
        return false;
    query_bind_uint64(&query, revision);
    query_bind_uint64(&query, tenant_id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

static bool count_rows(struct database *db, enum statement_id id, const char *sql, uint64_t tenant_id,
                       uint64_t revision, uint64_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, id, sql, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, revision);
    if (query_execute(&query, error) && query_fetch(&query, error))
        *count = query_uint64(&query, 0);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_items_count_revision(struct database *db, uint64_t tenant_id, uint64_t revision, uint64_t *count,
                                struct error *error)
{
    return count_rows(db, STATEMENT_ITEMS_COUNT_REVISION, sql_count_revision, tenant_id, revision, count,
                      error);
}

bool admin_items_count_since(struct database *db, uint64_t tenant_id, uint64_t revision, uint64_t *count,
                             struct error *error)
{
    return count_rows(db, STATEMENT_COUNT_ROWS, sql_count_since, tenant_id, revision, count, error);
}

bool admin_items_stream(struct database *db, struct arena *arena, uint64_t tenant_id, admin_item_each *each,
                        void *context, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ITEMS_STREAM, sql_stream, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bool go_on = query_execute_streaming(&query, error);
    while (go_on && query_fetch(&query, error)) {
        struct admin_item item = {.id = query_text(&query, 0, arena),
                                  .name = query_text(&query, 1, arena),
                                  .description = query_text(&query, 2, arena),
                                  .metadata = query_text(&query, 3, arena),
                                  .active = true,
                                  .created = query_int64(&query, 4),
                                  .updated = query_int64(&query, 5)};
        go_on = each(context, &item);
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
