/* Rows of api_clients; see clients.h. */
#include "storage/admin/clients.h"

#include "storage/admin/rows.h"

#define COLUMNS                                                                                              \
    "c.tenant_id, c.client_id, c.name, c.scopes, c.active, t.active, c.tokens_not_before, "                  \
    "c.rate_per_minute, c.rate_burst"

static const char sql_find[] =
    "SELECT " COLUMNS " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id WHERE c.client_id = ?";
static const char sql_list[] =
    "SELECT " COLUMNS " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id WHERE c.tenant_id = ? "
    "ORDER BY c.client_id";
static const char sql_insert[] =
    "INSERT INTO api_clients (tenant_id, client_id, name, secret_salt, secret_hash, scopes) "
    "VALUES (?, ?, ?, ?, ?, ?)";
static const char sql_set_active[] =
    "UPDATE api_clients SET active = ? WHERE tenant_id = ? AND client_id = ?";
/* Assigned from left to right: the secret moves on before it is replaced. */
static const char sql_rotate[] =
    "UPDATE api_clients SET previous_salt = secret_salt, previous_hash = secret_hash, previous_until = ?, "
    "secret_salt = ?, secret_hash = ? WHERE tenant_id = ? AND client_id = ?";
static const char sql_revoke_tokens[] =
    "UPDATE api_clients SET tokens_not_before = GREATEST(tokens_not_before, ?) "
    "WHERE tenant_id = ? AND client_id = ?";
static const char sql_set_rate[] =
    "UPDATE api_clients SET rate_per_minute = ?, rate_burst = ? WHERE tenant_id = ? AND client_id = ?";
static const char sql_revoke[] =
    "UPDATE api_clients SET active = FALSE, tokens_not_before = GREATEST(tokens_not_before, ?) "
    "WHERE tenant_id = ? AND client_id = ?";

static void read_row(struct query *query, struct arena *arena, struct admin_client *client)
{
    *client = (struct admin_client){.tenant_id = query_uint64(query, 0),
                                    .id = query_text(query, 1, arena),
                                    .name = query_text(query, 2, arena),
                                    .scopes = query_text(query, 3, arena),
                                    .active = query_int64(query, 4) != 0,
                                    .tenant_active = query_int64(query, 5) != 0,
                                    .tokens_not_before = query_int64(query, 6),
                                    .rate_per_minute = (uint32_t)query_uint64(query, 7),
                                    .rate_burst = (uint32_t)query_uint64(query, 8)};
}

bool admin_client_find(struct database *db, struct arena *arena, const char *client_id,
                       struct admin_client *client, struct error *error)
{
    struct query query;
    *client = (struct admin_client){0};
    if (!query_prepare(&query, db, STATEMENT_CLIENT_READ, sql_find, error))
        return false;
    query_bind_text(&query, client_id);
    if (query_execute(&query, error) && query_fetch(&query, error))
        read_row(&query, arena, client);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_client_list(struct database *db, struct arena *arena, uint64_t tenant_id,
                       struct admin_client **clients, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_LIST, sql_list, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (query_execute(&query, error)) {
        *clients = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**clients));
        while (query_fetch(&query, error))
            read_row(&query, arena, &(*clients)[(*count)++]);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_client_insert(struct database *db, const struct admin_client *client,
                         const struct hashed_secret *secret, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_INSERT, sql_insert, error))
        return false;
    query_bind_uint64(&query, client->tenant_id);
    query_bind_text(&query, client->id);
    query_bind_text(&query, client->name);
    query_bind_bytes(&query, secret->salt, CLIENT_SALT_BYTES);
    query_bind_bytes(&query, secret->hash, CLIENT_HASH_BYTES);
    query_bind_text(&query, client->scopes);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool admin_client_set_active(struct database *db, uint64_t tenant_id, const char *client_id, bool active,
                             struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_SET_ACTIVE, sql_set_active, error))
        return false;
    query_bind_int64(&query, active);
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, client_id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool admin_client_rotate(struct database *db, const struct admin_client *client,
                         const struct hashed_secret *secret, int64_t previous_until, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_ROTATE, sql_rotate, error))
        return false;
    query_bind_int64(&query, previous_until);
    query_bind_bytes(&query, secret->salt, CLIENT_SALT_BYTES);
    query_bind_bytes(&query, secret->hash, CLIENT_HASH_BYTES);
    query_bind_uint64(&query, client->tenant_id);
    query_bind_text(&query, client->id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

/* Runs a prepared revocation. */
static bool revoke(struct query *query, const struct admin_client *client, int64_t not_before,
                   struct error *error)
{
    query_bind_int64(query, not_before);
    query_bind_uint64(query, client->tenant_id);
    query_bind_text(query, client->id);
    bool done = query_execute(query, error);
    query_finish(query);
    return done;
}

bool admin_client_revoke_tokens(struct database *db, const struct admin_client *client, int64_t not_before,
                                struct error *error)
{
    struct query query;
    return query_prepare(&query, db, STATEMENT_CLIENT_REVOKE_TOKENS, sql_revoke_tokens, error) &&
           revoke(&query, client, not_before, error);
}

bool admin_client_set_rate(struct database *db, const struct admin_client *client, uint32_t rate_per_minute,
                           uint32_t rate_burst, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_SET_RATE, sql_set_rate, error))
        return false;
    query_bind_uint64(&query, rate_per_minute);
    query_bind_uint64(&query, rate_burst);
    query_bind_uint64(&query, client->tenant_id);
    query_bind_text(&query, client->id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool admin_client_revoke(struct database *db, const struct admin_client *client, int64_t not_before,
                         struct error *error)
{
    struct query query;
    return query_prepare(&query, db, STATEMENT_CLIENT_REVOKE, sql_revoke, error) &&
           revoke(&query, client, not_before, error);
}
