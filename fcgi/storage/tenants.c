/* Rows of tenants; see tenants.h.
 *
 * The revision of a catalogue is a counter in the tenant's row. Who raises it holds the row's lock until
 * COMMIT, so revisions become visible in their order, and a worker that has seen one has seen all before it.
 */
#include "storage/tenants.h"

#include "base/random.h"
#include "storage/query.h"

#define TENANT_COLUMNS "tenant_id, tenant_key, name, active, catalogue_revision, catalogue_key, quotas"

static const struct statement FIND_TENANT = {"SELECT " TENANT_COLUMNS " FROM tenants WHERE tenant_key = ?"};
static const struct statement LIST_TENANTS = {"SELECT " TENANT_COLUMNS " FROM tenants ORDER BY tenant_key"};
static const struct statement INSERT_TENANT = {
    "INSERT INTO tenants (tenant_key, name, catalogue_key) VALUES (?, ?, ?)"};
static const struct statement SET_TENANT_ACTIVE = {"UPDATE tenants SET active = ? WHERE tenant_id = ?"};
static const struct statement READ_REVISION = {"SELECT catalogue_revision FROM tenants WHERE tenant_id = ?"};
static const struct statement LOCK_REVISION = {
    "SELECT catalogue_revision FROM tenants WHERE tenant_id = ? FOR UPDATE"};
static const struct statement SET_REVISION = {
    "UPDATE tenants SET catalogue_revision = ? WHERE tenant_id = ?"};

static bool read_revision(struct database *db, const struct statement *statement, uint32_t tenant_id,
                          uint64_t *revision, struct error *error)
{
    struct query query;
    bool found = query_find(&query, db, statement, error, tenant_id);
    *revision = found ? query_uint64(&query, 0) : 0;
    if (!found && error->code == ERROR_NONE) {
        error_set(error, ERROR_DATABASE, "The tenant has gone");
        error_detail(error, "the tenant was removed meanwhile");
    }
    return found;
}

bool tenants_read_revision(struct database *db, uint32_t tenant_id, uint64_t *revision, struct error *error)
{
    return read_revision(db, &READ_REVISION, tenant_id, revision, error);
}

bool admin_tenant_lock_revision(struct database *db, uint32_t tenant_id, uint64_t *revision,
                                struct error *error)
{
    return read_revision(db, &LOCK_REVISION, tenant_id, revision, error);
}

bool admin_tenant_set_revision(struct database *db, uint32_t tenant_id, uint64_t revision,
                               struct error *error)
{
    return database_execute(db, &SET_REVISION, error, revision, tenant_id);
}

static struct admin_tenant read_row(struct query *query, struct arena *arena)
{
    return (struct admin_tenant){.id = query_uint32(query, 0),
                                 .key = query_text(query, 1, arena),
                                 .name = query_text(query, 2, arena),
                                 .active = query_bool(query, 3),
                                 .revision = query_uint64(query, 4),
                                 .catalogue_key = query_uint64(query, 5),
                                 .quotas = query_text(query, 6, arena)};
}

bool admin_tenant_find(struct database *db, struct arena *arena, const char *key, struct admin_tenant *tenant,
                       struct error *error)
{
    struct query query;
    *tenant = (struct admin_tenant){0};
    if (query_find(&query, db, &FIND_TENANT, error, key))
        *tenant = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

bool admin_tenant_list(struct database *db, struct arena *arena, struct admin_tenant **tenants, size_t *count,
                       struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &LIST_TENANTS, error))
        return false;
    *tenants = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**tenants));
    while (query_fetch(&query))
        (*tenants)[(*count)++] = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

/* The catalogue's key is drawn here: a model carries it, so that a file cannot be taken for that of another
 * tenant that has got the same number in another database. */
bool admin_tenant_insert(struct database *db, const char *key, const char *name, uint32_t *id,
                         struct error *error)
{
    struct query query;
    uint64_t catalogue_key;
    random_fill(&catalogue_key, sizeof(catalogue_key));
    bool done = query_run(&query, db, &INSERT_TENANT, error, key, name, catalogue_key);
    *id = done ? (uint32_t)query_insert_id(&query) : 0;
    return done;
}

bool admin_tenant_set_active(struct database *db, uint32_t tenant_id, bool active, struct error *error)
{
    return database_execute(db, &SET_TENANT_ACTIVE, error, active, tenant_id);
}
