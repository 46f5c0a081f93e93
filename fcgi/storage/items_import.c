/* Imports of items; see items_import.h.
 *
 * Rows are collected in a temporary table, a thousand a statement, and applied in one statement that compares
 * each with what is stored: an item that comes as it was keeps its revision, so that a nightly import of an
 * unchanged catalogue gives the workers nothing to reload. */
#include "storage/items_import.h"

#include "storage/query.h"

/* Without the indexes and checks of the catalogue, which only cost time here. */
static const char CREATE_TABLE[] =
    "CREATE OR REPLACE TEMPORARY TABLE imported_items (PRIMARY KEY (tenant_id, item_id)) ENGINE=InnoDB AS"
    " SELECT tenant_id, item_id, name, description, metadata, active, revision, created_at, updated_at,"
    " active AS has_description, active AS has_metadata, active AS has_active, NULLIF(metadata, '') AS "
    "emptied"
    " FROM items WHERE tenant_id = 0";

/* created_at 0: not given. */
static const struct statement COLLECT_ITEMS = {
    "REPLACE INTO imported_items (tenant_id, item_id, name, description, metadata, active, revision,"
    " created_at, updated_at, has_description, has_metadata, has_active, emptied)"
    " VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)"};

/* Makes metadata whole that names some of its keys. Keys keep their order and values their spelling, so what changes
 * nothing is as it was to the letter. Beyond 32 levels MariaDB gives NULL; then the row's own counts. */
static const struct statement COMPLETE_METADATA = {
    "UPDATE imported_items n JOIN items i ON i.tenant_id = n.tenant_id AND i.item_id = n.item_id"
    " SET n.metadata ="
    " COALESCE(JSON_COMPACT(JSON_MERGE_PATCH(i.metadata, n.emptied, n.metadata)), n.metadata)"
    " WHERE n.tenant_id = ? AND n.has_metadata AND n.emptied IS NOT NULL AND NOT i.deleted"
    " AND i.metadata <> n.metadata"};

static const struct statement FIND_TOO_LONG = {
    "SELECT item_id FROM imported_items WHERE tenant_id = ? AND LENGTH(metadata) > ? LIMIT 1"};

/* What the file does not say stays as it is stored; a deleted item has nothing that could stay.
 *
 * The assignments of ON DUPLICATE KEY run from left to right and see what those before them did: what is
 * decided by comparing must come first, and what is compared last. BINARY, because a space at the end is a change,
 * too. */
#define UNCHANGED                                                                                            \
    "(items.deleted = FALSE AND items.name = BINARY n.name"                                                  \
    " AND (NOT n.has_description OR items.description = BINARY n.description)"                               \
    " AND (NOT n.has_metadata OR items.metadata = n.metadata)"                                               \
    " AND (NOT (n.has_active OR items.left_feed) OR items.active = n.active)"                                \
    " AND n.created_at IN (0, items.created_at))"

static const struct statement APPLY_ITEMS = {
    "INSERT INTO items (tenant_id, item_id, name, description, metadata, active, revision, created_at,"
    " updated_at) SELECT n.tenant_id, n.item_id, n.name, n.description, n.metadata, n.active, ?,"
    " IF(n.created_at = 0, n.updated_at, n.created_at), n.updated_at FROM imported_items n"
    " WHERE n.tenant_id = ? ON DUPLICATE KEY UPDATE"
    " items.updated_at = IF(" UNCHANGED ", items.updated_at, VALUES(updated_at)),"
    " items.revision = IF(" UNCHANGED ", items.revision, VALUES(revision)),"
    " items.created_at = IF(n.created_at = 0, items.created_at, n.created_at), items.name = VALUES(name),"
    " items.description = IF(n.has_description OR items.deleted, VALUES(description), items.description),"
    " items.metadata = IF(n.has_metadata OR items.deleted, VALUES(metadata), items.metadata),"
    " items.active = IF(n.has_active OR items.deleted OR items.left_feed, VALUES(active), items.active),"
    " items.left_feed = FALSE, items.deleted = FALSE"};

/* Items that are shown and were not collected. */
#define LEFT_FEED " items i LEFT JOIN imported_items n ON n.tenant_id = i.tenant_id AND n.item_id = i.item_id"

static const struct statement COUNT_LEAVING = {"SELECT COUNT(*), SUM(n.item_id IS NULL) FROM" LEFT_FEED
                                               " WHERE i.tenant_id = ? AND i.active AND NOT i.deleted"};

static const struct statement HAVE_ITEMS = {"SELECT 1 FROM items WHERE tenant_id = ? LIMIT 1"};

static const struct statement COUNT_KNOWN = {"SELECT COUNT(*) FROM imported_items n JOIN items i ON "
                                             "i.tenant_id = n.tenant_id AND i.item_id = n.item_id"
                                             " WHERE n.tenant_id = ? AND NOT i.deleted"};

static const struct statement COUNT_COLLECTED = {"SELECT COUNT(*) FROM imported_items WHERE tenant_id = ?"};

static const struct statement SWITCH_OFF = {
    "UPDATE" LEFT_FEED " SET i.active = FALSE, i.left_feed = TRUE, i.revision = ?, i.updated_at = ?"
    " WHERE i.tenant_id = ? AND i.active AND NOT i.deleted AND n.item_id IS NULL"};

bool admin_items_stage(struct database *db, struct error *error)
{
    return database_run_script(db, CREATE_TABLE, error);
}

bool admin_item_add(struct bulk *bulk, uint32_t tenant_id, int64_t now, const struct admin_item *item)
{
    bulk_add_int64(bulk, tenant_id);
    bulk_add_text(bulk, item->id);
    bulk_add_text(bulk, item->name);
    bulk_add_text(bulk, item->description);
    bulk_add_text(bulk, item->metadata);
    bulk_add_int64(bulk, item->active);
    bulk_add_int64(bulk, item->created);
    bulk_add_int64(bulk, now);
    bulk_add_int64(bulk, item->has_description);
    bulk_add_int64(bulk, item->has_metadata);
    bulk_add_int64(bulk, item->has_active);
    bulk_add_text(bulk, item->emptied);
    return bulk_end_row(bulk);
}

bool admin_items_collect(struct database *db, struct bulk *bulk, struct error *error)
{
    uint64_t affected;
    return bulk_execute(bulk, db, &COLLECT_ITEMS, &affected, error);
}

bool admin_items_complete(struct database *db, struct arena *arena, uint32_t tenant_id, const char **too_long,
                          struct error *error)
{
    struct query query;
    *too_long = NULL;
    if (!database_execute(db, &COMPLETE_METADATA, error, tenant_id))
        return false;
    if (query_find(&query, db, &FIND_TOO_LONG, error, tenant_id, LIMIT_METADATA_BYTES))
        *too_long = query_text(&query, 0, arena);
    return error->code == ERROR_NONE;
}

bool admin_items_apply(struct database *db, uint32_t tenant_id, uint64_t revision, struct error *error)
{
    return database_execute(db, &APPLY_ITEMS, error, revision, tenant_id);
}

static bool count_rows(struct database *db, const struct statement *statement, uint32_t tenant_id,
                       uint64_t *count, struct error *error)
{
    struct query query;
    *count = query_find(&query, db, statement, error, tenant_id) ? query_uint64(&query, 0) : 0;
    return error->code == ERROR_NONE;
}

/* The first import of a catalogue is the largest, and looks for none of its items. */
bool admin_items_count_collected(struct database *db, uint32_t tenant_id, uint64_t *collected,
                                 uint64_t *known, struct error *error)
{
    uint64_t any;
    *known = 0;
    return count_rows(db, &COUNT_COLLECTED, tenant_id, collected, error) &&
           count_rows(db, &HAVE_ITEMS, tenant_id, &any, error) &&
           (!any || count_rows(db, &COUNT_KNOWN, tenant_id, known, error));
}

bool admin_items_count_leaving(struct database *db, uint32_t tenant_id, uint64_t *shown, uint64_t *leaving,
                               struct error *error)
{
    struct query query;
    if (!query_run(&query, db, &COUNT_LEAVING, error, tenant_id))
        return false;
    *shown = *leaving = 0;
    if (query_fetch(&query)) {
        *shown = query_uint64(&query, 0);
        *leaving = *shown ? query_uint64(&query, 1) : 0;
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_items_switch_off(struct database *db, uint32_t tenant_id, uint64_t revision, int64_t now,
                            struct error *error)
{
    return database_execute(db, &SWITCH_OFF, error, revision, now, tenant_id);
}
