/* Items as the API reads them; see items_read.h. */
#include "storage/items_read.h"

#define COLUMNS "item_id, name, description, metadata, active, created_at, updated_at, revision"

static const char SQL_FIND[] =
    "SELECT " COLUMNS " FROM items WHERE tenant_id = ? AND item_id = ? AND NOT deleted";

/* The optimiser would now and then read and sort instead of following the index. */
static const char SQL_LIST[] =
    "SELECT " COLUMNS " FROM items FORCE INDEX (items_live) WHERE tenant_id = ? AND deleted = FALSE"
    " AND item_id > ? AND created_at BETWEEN ? AND ? ORDER BY item_id LIMIT ?";

static const char SQL_LIST_CATEGORY[] =
    "SELECT " COLUMNS " FROM items FORCE INDEX (items_by_category) WHERE tenant_id = ? AND category = ?"
    " AND item_id > ? AND created_at BETWEEN ? AND ? ORDER BY item_id LIMIT ?";

static const char SQL_HEADS[] = "SELECT i.item_id, i.created_at, i.active, i.deleted FROM JSON_TABLE(?, "
                                "'$[*]' COLUMNS (item_id VARCHAR(128)"
                                " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$')) n STRAIGHT_JOIN "
                                "items i FORCE INDEX (PRIMARY)"
                                " ON i.item_id = n.item_id WHERE i.tenant_id = ?";

static void read_row(struct query *query, struct arena *arena, struct item_row *row)
{
    *row = (struct item_row){.id = query_text(query, 0, arena),
                             .name = query_text(query, 1, arena),
                             .description = query_text(query, 2, arena),
                             .metadata = query_text(query, 3, arena),
                             .active = query_int64(query, 4),
                             .created_at = query_int64(query, 5),
                             .updated_at = query_int64(query, 6),
                             .revision = query_uint64(query, 7)};
}

bool items_find(struct database *db, struct arena *arena, uint32_t tenant_id, const char *id,
                struct item_row *row, bool *found, struct error *error)
{
    struct query query;
    *found = false;
    if (!query_prepare(&query, db, STATEMENT_ITEM_FIND, SQL_FIND, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, id);
    if (query_execute(&query, error) && query_fetch(&query, error)) {
        read_row(&query, arena, row);
        *found = true;
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

static bool prepare_list(struct query *query, struct database *db, uint32_t tenant_id, const char *category,
                         struct error *error)
{
    bool done = category ? query_prepare(query, db, STATEMENT_ITEMS_LIST_CATEGORY, SQL_LIST_CATEGORY, error)
                         : query_prepare(query, db, STATEMENT_ITEMS_LIST, SQL_LIST, error);
    if (!done)
        return false;
    query_bind_uint64(query, tenant_id);
    if (category)
        query_bind_text(query, category);
    return true;
}

bool items_list(struct database *db, struct arena *arena, uint32_t tenant_id, const struct items_page *page,
                struct item_row **rows, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    *rows = arena_alloc(arena, page->limit + 1, sizeof(**rows));
    if (!prepare_list(&query, db, tenant_id, page->category, error))
        return false;
    query_bind_text(&query, page->after);
    query_bind_int64(&query, page->created_from);
    query_bind_int64(&query, page->created_to);
    query_bind_uint64(&query, page->limit);
    if (query_execute(&query, error)) {
        while (*count < page->limit && query_fetch(&query, error))
            read_row(&query, arena, &(*rows)[(*count)++]);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool items_find_heads(struct database *db, struct arena *arena, uint32_t tenant_id, const char *ids,
                      size_t limit, struct item_head **heads, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_ITEMS_HEADS, SQL_HEADS, error))
        return false;
    query_bind_text(&query, ids);
    query_bind_uint64(&query, tenant_id);
    *heads = arena_alloc(arena, limit + 1, sizeof(**heads));
    if (query_execute(&query, error)) {
        while (*count < limit && query_fetch(&query, error)) {
            (*heads)[(*count)++] = (struct item_head){.id = query_text(&query, 0, arena),
                                                      .created_at = query_int64(&query, 1),
                                                      .active = query_int64(&query, 2),
                                                      .deleted = query_int64(&query, 3)};
        }
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
