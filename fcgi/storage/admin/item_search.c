/* The search index, for the tool; see item_search.h. */
#include "storage/admin/item_search.h"

static const char sql_due[] =
    "SELECT i.item_id, i.name, i.description, i.metadata, i.revision FROM items i FORCE INDEX (PRIMARY) "
    "LEFT JOIN item_search s ON s.tenant_id = ? AND s.item_id = i.item_id "
    "WHERE i.tenant_id = ? AND i.item_id > ? AND NOT i.deleted "
    "AND (s.item_id IS NULL OR s.revision < i.revision OR s.recipe <> ?) ORDER BY i.item_id LIMIT ?";

bool admin_item_search_due(struct database *db, struct arena *arena, uint64_t tenant_id, uint32_t recipe,
                           const char *after, size_t limit, struct item_row **rows, size_t *count,
                           struct error *error)
{
    struct query query;
    *count = 0;
    *rows = arena_alloc(arena, limit, sizeof(**rows));
    if (!query_prepare(&query, db, STATEMENT_ITEM_SEARCH_DUE, sql_due, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, after);
    query_bind_uint64(&query, recipe);
    query_bind_uint64(&query, limit);
    if (query_execute(&query, error)) {
        while (*count < limit && query_fetch(&query, error))
            (*rows)[(*count)++] = (struct item_row){.id = query_text(&query, 0, arena),
                                                    .name = query_text(&query, 1, arena),
                                                    .description = query_text(&query, 2, arena),
                                                    .metadata = query_text(&query, 3, arena),
                                                    .revision = query_uint64(&query, 4)};
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
