/* API clients and their tenants; see clients.h. */
#include "storage/clients.h"

/* The one statement that has no tenant in its WHERE: it is what finds the tenant. */
static const char SQL_FIND[] = "SELECT t.tenant_id, t.tenant_key, t.catalogue_revision, t.catalogue_key"
                               " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id"
                               " WHERE c.client_id = ? AND c.active AND t.active";

static const char SQL_REVISION[] = "SELECT catalogue_revision FROM tenants WHERE tenant_id = ?";

static bool find(struct query *query, struct arena *arena, struct tenant *tenant, bool *found,
                 struct error *error)
{
    if (!query_execute(query, error))
        return false;
    *found = query_fetch(query, error);
    if (!*found)
        return error->code == ERROR_NONE;
    tenant->id = (uint32_t)query_uint64(query, 0);
    tenant->key = query_text(query, 1, arena);
    tenant->catalogue_revision = query_uint64(query, 2);
    tenant->catalogue_key = query_uint64(query, 3);
    return true;
}

static bool find_once(struct database *db, struct arena *arena, const char *client_id, struct tenant *tenant,
                      bool *found, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_FIND, SQL_FIND, error))
        return false;
    query_bind_text(&query, client_id);
    bool done = find(&query, arena, tenant, found, error);
    query_finish(&query);
    return done;
}

bool clients_find_tenant(struct database *db, struct arena *arena, const char *client_id,
                         struct tenant *tenant, bool *found, struct error *error)
{
    /* The first statement of a request meets the connection that died while idle (a restart of MariaDB,
     * wait_timeout): nothing has been done yet, so it may simply be asked again. */
    bool was_connected = database_is_connected(db);
    struct error first = {0};
    if (find_once(db, arena, client_id, tenant, found, &first))
        return true;
    if (was_connected && !database_is_connected(db))
        return find_once(db, arena, client_id, tenant, found, error);
    *error = first;
    return false;
}

bool clients_read_revision(struct database *db, uint32_t tenant_id, uint64_t *revision, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_REVISION, SQL_REVISION, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bool done = query_execute(&query, error) && query_fetch(&query, error);
    if (done)
        *revision = query_uint64(&query, 0);
    query_finish(&query);
    return done || error_set(error, ERROR_DATABASE, "The tenant has gone");
}
