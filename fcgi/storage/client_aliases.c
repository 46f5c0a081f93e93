/* Rows of client_aliases; see client_aliases.h. The worker joins them where it finds a client (clients.c). */
#include "storage/client_aliases.h"

#include "storage/query.h"

static const struct statement FIND_ALIAS = {
    "SELECT tenant_id, issuer, alias, client_id FROM client_aliases WHERE issuer = ? AND alias = ?"};
static const struct statement LIST_ALIASES = {"SELECT tenant_id, issuer, alias, client_id FROM client_aliases"
                                              " WHERE tenant_id = ? ORDER BY client_id, issuer, alias"};
static const struct statement INSERT_ALIAS = {
    "INSERT INTO client_aliases (tenant_id, issuer, alias, client_id) VALUES (?, ?, ?, ?)"};
static const struct statement DELETE_ALIAS = {
    "DELETE FROM client_aliases WHERE tenant_id = ? AND issuer = ? AND alias = ?"};

static struct admin_alias read_row(struct query *query, struct arena *arena)
{
    return (struct admin_alias){.tenant_id = query_uint32(query, 0),
                                .issuer = query_text(query, 1, arena),
                                .alias = query_text(query, 2, arena),
                                .client_id = query_text(query, 3, arena)};
}

bool admin_alias_find(struct database *db, struct arena *arena, const char *issuer, const char *alias,
                      struct admin_alias *found, struct error *error)
{
    struct query query;
    *found = (struct admin_alias){0};
    if (query_find(&query, db, &FIND_ALIAS, error, issuer, alias))
        *found = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool admin_alias_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                      struct admin_alias **aliases, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &LIST_ALIASES, error, tenant_id))
        return false;
    *aliases = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**aliases));
    while (query_fetch(&query))
        (*aliases)[(*count)++] = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool admin_alias_insert(struct database *db, const struct admin_alias *alias, struct error *error)
{
    return database_execute(db, &INSERT_ALIAS, error, alias->tenant_id, alias->issuer, alias->alias,
                            alias->client_id);
}

bool admin_alias_delete(struct database *db, const struct admin_alias *alias, struct error *error)
{
    return database_execute(db, &DELETE_ALIAS, error, alias->tenant_id, alias->issuer, alias->alias);
}
