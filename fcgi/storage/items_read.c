/* Items as the API reads them; see items_read.h.
 *
 * A page is read along an index that holds its order, from the last id of the page before: it costs the rows
 * that it shows, however deep it lies. Many ids travel as one JSON text, which JSON_TABLE makes a table of.
 */
#include "storage/items_read.h"

#include "storage/query.h"

#define ITEM_COLUMNS "item_id, name, description, metadata, active, created_at, updated_at, revision"

static const struct statement FIND_ITEM = {"SELECT " ITEM_COLUMNS
                                           " FROM items WHERE tenant_id = ? AND item_id = ? AND NOT deleted"};

/* The optimiser would now and then read and sort instead of following the index. */
static const struct statement LIST_ITEMS = {
    "SELECT " ITEM_COLUMNS " FROM items FORCE INDEX (items_live) WHERE tenant_id = ? AND deleted = FALSE"
    " AND item_id > ? AND created_at BETWEEN ? AND ? ORDER BY item_id LIMIT ?"};

static const struct statement LIST_CATEGORY = {
    "SELECT " ITEM_COLUMNS " FROM items FORCE INDEX (items_by_category) WHERE tenant_id = ? AND category = ?"
    " AND item_id > ? AND created_at BETWEEN ? AND ? ORDER BY item_id LIMIT ?"};

static const struct statement FIND_HEADS = {
    "SELECT i.item_id, i.created_at, i.active, i.deleted"
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (item_id VARCHAR(128)"
    " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$')) n"
    " STRAIGHT_JOIN items i FORCE INDEX (PRIMARY) ON i.item_id = n.item_id WHERE i.tenant_id = ?"};

static const struct statement READ_STATE = {
    "SELECT active, deleted FROM items WHERE tenant_id = ? AND item_id = ?"};

static struct item_row read_row(struct query *query, struct arena *arena)
{
    return (struct item_row){.id = query_text(query, 0, arena),
                             .name = query_text(query, 1, arena),
                             .description = query_text(query, 2, arena),
                             .metadata = query_text(query, 3, arena),
                             .active = query_bool(query, 4),
                             .created_at = query_int64(query, 5),
                             .updated_at = query_int64(query, 6),
                             .revision = query_uint64(query, 7)};
}

bool items_find(struct database *db, struct arena *arena, uint32_t tenant_id, const char *id,
                struct item_row *row, bool *found, struct error *error)
{
    struct query query;
    *found = query_find(&query, db, &FIND_ITEM, error, tenant_id, id);
    if (*found)
        *row = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool items_list(struct database *db, struct arena *arena, uint32_t tenant_id, const struct items_page *page,
                struct item_row **rows, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    *rows = arena_alloc(arena, page->limit + 1, sizeof(**rows));
    bool more = page->category ? query_run(&query, db, &LIST_CATEGORY, error, tenant_id, page->category,
                                           page->after, page->created_from, page->created_to, page->limit)
                               : query_run(&query, db, &LIST_ITEMS, error, tenant_id, page->after,
                                           page->created_from, page->created_to, page->limit);
    while (more && *count < page->limit && query_fetch(&query))
        (*rows)[(*count)++] = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool items_find_heads(struct database *db, struct arena *arena, uint32_t tenant_id, const char *ids,
                      size_t limit, struct item_head **heads, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &FIND_HEADS, error, ids, tenant_id))
        return false;
    *heads = arena_alloc(arena, limit + 1, sizeof(**heads));
    while (*count < limit && query_fetch(&query)) {
        (*heads)[(*count)++] = (struct item_head){.id = query_text(&query, 0, arena),
                                                  .created_at = query_int64(&query, 1),
                                                  .active = query_bool(&query, 2),
                                                  .deleted = query_bool(&query, 3)};
    }
    return error->code == ERROR_NONE;
}

bool items_read_state(struct database *db, uint32_t tenant_id, const char *item_id, enum item_state *state,
                      struct error *error)
{
    struct query query;
    *state = ITEM_STATE_UNKNOWN;
    if (query_find(&query, db, &READ_STATE, error, tenant_id, item_id))
        *state = query_bool(&query, 1)   ? ITEM_STATE_DELETED
                 : query_bool(&query, 0) ? ITEM_STATE_ACTIVE
                                         : ITEM_STATE_INACTIVE;
    return error->code == ERROR_NONE;
}
