/* Rows of client_aliases; see client_aliases.h. */
#include "storage/client_aliases.h"

#include "storage/admin/rows.h"

static const char sql_find[] =
    "SELECT tenant_id, issuer, alias, client_id FROM client_aliases WHERE issuer = ? AND alias = ?";
static const char sql_list[] = "SELECT tenant_id, issuer, alias, client_id FROM client_aliases "
                               "WHERE tenant_id = ? ORDER BY client_id, issuer, alias";
static const char sql_insert[] =
    "INSERT INTO client_aliases (tenant_id, issuer, alias, client_id) VALUES (?, ?, ?, ?)";
static const char sql_delete[] =
    "DELETE FROM client_aliases WHERE tenant_id = ? AND issuer = ? AND alias = ?";

static void read_row(struct query *query, struct arena *arena, struct admin_alias *alias)
{
    *alias = (struct admin_alias){.tenant_id = query_uint64(query, 0),
                                  .issuer = query_text(query, 1, arena),
                                  .alias = query_text(query, 2, arena),
                                  .client_id = query_text(query, 3, arena)};
}

bool admin_alias_find(struct database *db, struct arena *arena, const char *issuer, const char *alias,
                      struct admin_alias *found, struct error *error)
{
    struct query query;
    *found = (struct admin_alias){0};
    if (!query_prepare(&query, db, STATEMENT_ALIAS_FIND, sql_find, error))
        return false;
    query_bind_text(&query, issuer);
    query_bind_text(&query, alias);
    if (query_execute(&query, error) && query_fetch(&query, error))
        read_row(&query, arena, found);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_alias_list(struct database *db, struct arena *arena, uint64_t tenant_id,
                      struct admin_alias **aliases, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_ALIAS_LIST, sql_list, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (query_execute(&query, error)) {
        *aliases = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**aliases));
        while (query_fetch(&query, error))
            read_row(&query, arena, &(*aliases)[(*count)++]);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_alias_insert(struct database *db, const struct admin_alias *alias, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ALIAS_INSERT, sql_insert, error))
        return false;
    query_bind_uint64(&query, alias->tenant_id);
    query_bind_text(&query, alias->issuer);
    query_bind_text(&query, alias->alias);
    query_bind_text(&query, alias->client_id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool admin_alias_delete(struct database *db, const struct admin_alias *alias, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ALIAS_DELETE, sql_delete, error))
        return false;
    query_bind_uint64(&query, alias->tenant_id);
    query_bind_text(&query, alias->issuer);
    query_bind_text(&query, alias->alias);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}
