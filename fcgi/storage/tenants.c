/* Rows of tenants; see tenants.h. */
#include "storage/tenants.h"

#include "base/random.h"

#include "storage/admin/rows.h"

#define COLUMNS "tenant_id, tenant_key, name, active, catalogue_revision, catalogue_key"

static const char sql_find[] = "SELECT " COLUMNS " FROM tenants WHERE tenant_key = ?";
static const char sql_list[] = "SELECT " COLUMNS " FROM tenants ORDER BY tenant_key";
static const char sql_insert[] = "INSERT INTO tenants (tenant_key, name, catalogue_key) VALUES (?, ?, ?)";
static const char sql_set_active[] = "UPDATE tenants SET active = ? WHERE tenant_id = ?";
static const char sql_lock_revision[] =
    "SELECT catalogue_revision FROM tenants WHERE tenant_id = ? FOR UPDATE";
static const char sql_read_revision[] = "SELECT catalogue_revision FROM tenants WHERE tenant_id = ?";
static const char sql_set_revision[] = "UPDATE tenants SET catalogue_revision = ? WHERE tenant_id = ?";

static void read_row(struct query *query, struct arena *arena, struct admin_tenant *tenant)
{
    *tenant = (struct admin_tenant){.id = query_uint64(query, 0),
                                    .key = query_text(query, 1, arena),
                                    .name = query_text(query, 2, arena),
                                    .active = query_int64(query, 3) != 0,
                                    .revision = query_uint64(query, 4),
                                    .catalogue_key = query_uint64(query, 5)};
}

bool admin_tenant_find(struct database *db, struct arena *arena, const char *key, struct admin_tenant *tenant,
                       struct error *error)
{
    struct query query;
    *tenant = (struct admin_tenant){0};
    if (!query_prepare(&query, db, STATEMENT_TENANT_FIND, sql_find, error))
        return false;
    query_bind_text(&query, key);
    if (query_execute(&query, error) && query_fetch(&query, error))
        read_row(&query, arena, tenant);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_tenant_list(struct database *db, struct arena *arena, struct admin_tenant **tenants, size_t *count,
                       struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_TENANT_LIST, sql_list, error))
        return false;
    if (query_execute(&query, error)) {
        *tenants = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**tenants));
        while (query_fetch(&query, error))
            read_row(&query, arena, &(*tenants)[(*count)++]);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_tenant_insert(struct database *db, const char *key, const char *name, uint64_t *id,
                         struct error *error)
{
    struct query query;
    uint64_t catalogue_key;
    if (!query_prepare(&query, db, STATEMENT_TENANT_INSERT, sql_insert, error))
        return false;
    query_bind_text(&query, key);
    query_bind_text(&query, name);
    random_fill(&catalogue_key, sizeof(catalogue_key));
    query_bind_uint64(&query, catalogue_key);
    bool done = query_execute(&query, error);
    *id = done ? query_insert_id(&query) : 0;
    query_finish(&query);
    return done;
}

static bool update_number(struct database *db, enum statement_id id, const char *sql, uint64_t number,
                          uint64_t tenant_id, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, id, sql, error))
        return false;
    query_bind_uint64(&query, number);
    query_bind_uint64(&query, tenant_id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool admin_tenant_set_active(struct database *db, uint64_t tenant_id, bool active, struct error *error)
{
    return update_number(db, STATEMENT_TENANT_SET_ACTIVE, sql_set_active, active, tenant_id, error);
}

bool admin_tenant_set_revision(struct database *db, uint64_t tenant_id, uint64_t revision,
                               struct error *error)
{
    return update_number(db, STATEMENT_TENANT_SET_REVISION, sql_set_revision, revision, tenant_id, error);
}

static bool select_revision(struct database *db, enum statement_id id, const char *sql, uint64_t tenant_id,
                            uint64_t *revision, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, id, sql, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bool found = query_execute(&query, error) && query_fetch(&query, error);
    *revision = found ? query_uint64(&query, 0) : 0;
    query_finish(&query);
    if (!found && error->code == ERROR_NONE) {
        error_set(error, ERROR_DATABASE, "The tenant is gone");
        error_detail(error, "the tenant was removed meanwhile");
    }
    return found;
}

bool admin_tenant_lock_revision(struct database *db, uint64_t tenant_id, uint64_t *revision,
                                struct error *error)
{
    return select_revision(db, STATEMENT_TENANT_LOCK_REVISION, sql_lock_revision, tenant_id, revision, error);
}

bool admin_tenant_read_revision(struct database *db, uint64_t tenant_id, uint64_t *revision,
                                struct error *error)
{
    return select_revision(db, STATEMENT_TENANT_READ_REVISION, sql_read_revision, tenant_id, revision, error);
}
