/* Stored contexts; see contexts.h.
 *
 * The worker looks one up by number or by key with each request that names it; the tool writes them. Settings
 * are kept as the JSON text that `palate context set` made, and are read where they are used. */
#include "storage/contexts.h"

#include "storage/query.h"

#define CONTEXT_COLUMNS "context_id, context_key, name, description, settings"

static const struct statement FIND_CONTEXT = {"SELECT " CONTEXT_COLUMNS
                                              " FROM contexts WHERE tenant_id = ? AND context_id = ?"};

static const struct statement FIND_CONTEXT_BY_KEY = {
    "SELECT " CONTEXT_COLUMNS " FROM contexts WHERE tenant_id = ? AND context_key = ?"};

static const struct statement LIST_CONTEXTS = {"SELECT " CONTEXT_COLUMNS
                                               " FROM contexts WHERE tenant_id = ? ORDER BY context_id"};

static const struct statement STORE_CONTEXT = {
    "INSERT INTO contexts (tenant_id, " CONTEXT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE context_key = VALUES(context_key), name = VALUES(name),"
    " description = VALUES(description), settings = VALUES(settings)"};

static const struct statement DELETE_CONTEXT = {
    "DELETE FROM contexts WHERE tenant_id = ? AND context_id = ?"};

static struct context_row read_row(struct query *query, struct arena *arena)
{
    return (struct context_row){.id = query_uint32(query, 0),
                                .key = query_text(query, 1, arena),
                                .name = query_text(query, 2, arena),
                                .description = query_text(query, 3, arena),
                                .settings = query_text(query, 4, arena)};
}

bool contexts_find_id(struct database *db, struct arena *arena, uint32_t tenant_id, uint32_t context_id,
                      struct context_row *row, bool *found, struct error *error)
{
    struct query query;
    *found = query_find(&query, db, &FIND_CONTEXT, error, tenant_id, context_id);
    if (*found)
        *row = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool contexts_find_key(struct database *db, struct arena *arena, uint32_t tenant_id, const char *key,
                       struct context_row *row, bool *found, struct error *error)
{
    struct query query;
    *found = query_find(&query, db, &FIND_CONTEXT_BY_KEY, error, tenant_id, key);
    if (*found)
        *row = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool admin_context_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                        struct context_row **contexts, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &LIST_CONTEXTS, error, tenant_id))
        return false;
    *contexts = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**contexts));
    while (query_fetch(&query))
        (*contexts)[(*count)++] = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool admin_context_store(struct database *db, uint32_t tenant_id, const struct context_row *context,
                         struct error *error)
{
    return database_execute(db, &STORE_CONTEXT, error, tenant_id, context->id, context->key, context->name,
                            context->description, context->settings);
}

bool admin_context_delete(struct database *db, uint32_t tenant_id, uint32_t context_id, bool *deleted,
                          struct error *error)
{
    struct query query;
    bool done = query_run(&query, db, &DELETE_CONTEXT, error, tenant_id, context_id);
    *deleted = done && query_affected(&query) > 0;
    return done;
}
