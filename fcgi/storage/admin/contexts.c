/* Rows of contexts; see contexts.h. */
#include "storage/admin/contexts.h"

#include "storage/admin/rows.h"

#define COLUMNS "context_id, context_key, name, description, settings"

static const char sql_find[] = "SELECT " COLUMNS " FROM contexts WHERE tenant_id = ? AND context_id = ?";
static const char sql_list[] = "SELECT " COLUMNS " FROM contexts WHERE tenant_id = ? ORDER BY context_id";
static const char sql_store[] =
    "INSERT INTO contexts (tenant_id, " COLUMNS ") VALUES (?, ?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE context_key = VALUES(context_key), name = VALUES(name), "
    "description = VALUES(description), settings = VALUES(settings)";
static const char sql_delete[] = "DELETE FROM contexts WHERE tenant_id = ? AND context_id = ?";

static void read_row(struct query *query, struct arena *arena, struct admin_context *context)
{
    *context = (struct admin_context){.found = true,
                                      .id = query_uint64(query, 0),
                                      .key = query_text(query, 1, arena),
                                      .name = query_text(query, 2, arena),
                                      .description = query_text(query, 3, arena),
                                      .settings = query_text(query, 4, arena)};
}

bool admin_context_find(struct database *db, struct arena *arena, uint64_t tenant_id, uint64_t context_id,
                        struct admin_context *context, struct error *error)
{
    struct query query;
    *context = (struct admin_context){0};
    if (!query_prepare(&query, db, STATEMENT_CONTEXT_READ, sql_find, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, context_id);
    if (query_execute(&query, error) && query_fetch(&query, error))
        read_row(&query, arena, context);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_context_list(struct database *db, struct arena *arena, uint64_t tenant_id,
                        struct admin_context **contexts, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_CONTEXT_LIST, sql_list, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (query_execute(&query, error)) {
        *contexts = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**contexts));
        while (query_fetch(&query, error))
            read_row(&query, arena, &(*contexts)[(*count)++]);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_context_store(struct database *db, uint64_t tenant_id, const struct admin_context *context,
                         struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CONTEXT_STORE, sql_store, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, context->id);
    query_bind_text(&query, context->key);
    query_bind_text(&query, context->name);
    query_bind_text(&query, context->description);
    query_bind_text(&query, context->settings);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool admin_context_delete(struct database *db, uint64_t tenant_id, uint64_t context_id, bool *deleted,
                          struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CONTEXT_DELETE, sql_delete, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, context_id);
    bool done = query_execute(&query, error);
    *deleted = done && query_affected(&query) > 0;
    query_finish(&query);
    return done;
}
