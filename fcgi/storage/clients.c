/* API clients and their tenants; see clients.h. */
#include "storage/clients.h"

#include "base/limits.h"
#include "storage/event_types.h"

#include <string.h>

/* Five statements that have no tenant in their WHERE: they are what finds the tenant. */
#define CLIENT_COLUMNS                                                                                       \
    "t.tenant_id, t.tenant_key, t.catalogue_revision, t.catalogue_key, c.rate_per_minute, c.rate_burst"

static const char SQL_FIND[] =
    "SELECT " CLIENT_COLUMNS " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id"
    " WHERE c.client_id = ? AND c.active AND t.active"
    " AND c.tokens_not_before <= ?";

static const char SQL_FIND_ENTITY[] =
    "SELECT " CLIENT_COLUMNS ", n.name, n.description FROM api_clients c"
    " JOIN tenants t ON t.tenant_id = c.tenant_id"
    " LEFT JOIN entity_embeddings n"
    " ON n.tenant_id = t.tenant_id AND n.entity_type = ? AND n.entity_id = ?"
    " WHERE c.client_id = ? AND c.active AND t.active"
    " AND c.tokens_not_before <= ?";

/* Who has events is found with them. A row repeats what is not of the event, so of the texts that requests
 * gave it only says whether there are any. */
static const char SQL_FIND_USER[] =
    "SELECT " CLIENT_COLUMNS ", n.name = '' AND n.description = '', " EVENT_COLUMNS " FROM api_clients c"
    " JOIN tenants t ON t.tenant_id = c.tenant_id"
    " LEFT JOIN entity_embeddings n"
    " ON n.tenant_id = t.tenant_id AND n.entity_type = ? AND n.entity_id = ?"
    " JOIN events e FORCE INDEX (events_by_user) ON e.tenant_id = t.tenant_id"
    " WHERE c.client_id = ? AND c.active AND t.active"
    " AND c.tokens_not_before <= ? AND e.user_id = ?"
    " ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?";

static const char SQL_FIND_ALIAS[] =
    "SELECT " CLIENT_COLUMNS ", c.client_id, c.scopes"
    " FROM client_aliases a"
    " JOIN api_clients c ON c.tenant_id = a.tenant_id AND c.client_id = a.client_id"
    " JOIN tenants t ON t.tenant_id = c.tenant_id"
    " WHERE a.alias = ? AND c.active AND t.active AND c.tokens_not_before <= ? AND a.issuer = ?";

static const char SQL_SECRETS[] =
    "SELECT c.tenant_id, c.active AND t.active, c.secret_salt, c.secret_hash, c.previous_salt,"
    " c.previous_hash, c.previous_until, c.tokens_not_before, c.scopes"
    " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id WHERE c.client_id = ?";

static const char SQL_REVISION[] = "SELECT catalogue_revision FROM tenants WHERE tenant_id = ?";

static void read_client(struct query *query, struct arena *arena, struct found_client *client)
{
    struct tenant *tenant = &client->tenant;
    client->rate_per_minute = (uint32_t)query_uint64(query, 4);
    client->rate_burst = (uint32_t)query_uint64(query, 5);
    tenant->id = (uint32_t)query_uint64(query, 0);
    tenant->key = query_text(query, 1, arena);
    tenant->catalogue_revision = query_uint64(query, 2);
    tenant->catalogue_key = query_uint64(query, 3);
}

static bool find_own(struct database *db, struct arena *arena, const struct client_claim *claim,
                     struct found_client *client, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_FIND, SQL_FIND, error))
        return false;
    query_bind_text(&query, claim->client_id);
    query_bind_int64(&query, claim->issued_at);
    if (query_execute(&query, error) && query_fetch(&query, error)) {
        read_client(&query, arena, client);
        client->client_id = claim->client_id;
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

static void read_embedding(struct query *query, struct arena *arena, struct entity entity,
                           struct found_embedding *found)
{
    *found = (struct found_embedding){
        .entity = entity,
        .row = {.name = query_text(query, 6, arena), .description = query_text(query, 7, arena)}};
    found->is_stored = found->row.name && found->row.description;
}

static bool find_with_entity(struct database *db, struct arena *arena, const struct client_claim *claim,
                             struct found_client *client, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_FIND_ENTITY, SQL_FIND_ENTITY, error))
        return false;
    query_bind_text(&query, entity_type_name(claim->entity.type));
    query_bind_text(&query, claim->entity.id);
    query_bind_text(&query, claim->client_id);
    query_bind_int64(&query, claim->issued_at);
    if (query_execute(&query, error) && query_fetch(&query, error)) {
        read_client(&query, arena, client);
        read_embedding(&query, arena, claim->entity, &client->embedding);
        client->client_id = claim->client_id;
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

enum { USER_IS_PLAIN = 6, USER_EVENT }; /* columns behind the client's */

static void read_user(struct query *query, struct arena *arena, const struct client_claim *claim,
                      struct found_client *client, struct error *error)
{
    struct recent_events *recent = &client->recent;
    const bool stored = query_length(query, USER_IS_PLAIN), plain = query_int64(query, USER_IS_PLAIN) != 0;
    read_client(query, arena, client);
    client->client_id = claim->client_id;
    if (plain || !stored)
        client->embedding = (struct found_embedding){
            .entity = claim->entity, .is_stored = stored, .row = {.name = "", .description = ""}};
    recent->user_id = claim->entity.id;
    recent->rows = arena_alloc(arena, LIMIT_RECENT_EVENTS, sizeof(*recent->rows));
    do
        events_read_row(query, USER_EVENT, arena, &recent->rows[recent->count++]);
    while (recent->count < LIMIT_RECENT_EVENTS && query_fetch(query, error));
}

/* Nobody is found where the user has no events. */
static bool find_with_events(struct database *db, struct arena *arena, const struct client_claim *claim,
                             struct found_client *client, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_FIND_USER, SQL_FIND_USER, error))
        return false;
    query_bind_text(&query, entity_type_name(claim->entity.type));
    query_bind_text(&query, claim->entity.id);
    query_bind_text(&query, claim->client_id);
    query_bind_int64(&query, claim->issued_at);
    query_bind_text(&query, claim->entity.id);
    query_bind_uint64(&query, LIMIT_RECENT_EVENTS);
    if (query_execute(&query, error) && query_fetch(&query, error))
        read_user(&query, arena, claim, client, error);
    query_finish(&query);
    return error->code == ERROR_NONE &&
           (!client->client_id || event_types_weigh(db, &client->tenant, &client->recent, error));
}

static bool find_alias(struct database *db, struct arena *arena, const struct client_claim *claim,
                       struct found_client *client, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CLIENT_FIND_ALIAS, SQL_FIND_ALIAS, error))
        return false;
    query_bind_text(&query, claim->client_id);
    query_bind_int64(&query, claim->issued_at);
    query_bind_text(&query, claim->issuer);
    if (query_execute(&query, error) && query_fetch(&query, error)) {
        read_client(&query, arena, client);
        client->client_id = query_text(&query, 6, arena);
        client->scopes = query_text(&query, 7, arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

static bool find_once(struct database *db, struct arena *arena, const struct client_claim *claim,
                      struct found_client *client, bool *found, struct error *error)
{
    const bool with_events = claim->wants_events && !claim->issuer;
    *client = (struct found_client){0};
    if (with_events) {
        *found = find_with_events(db, arena, claim, client, error) && client->client_id;
        if (*found || error->code != ERROR_NONE)
            return *found;
    }
    bool asked = claim->issuer      ? find_alias(db, arena, claim, client, error)
                 : claim->entity.id ? find_with_entity(db, arena, claim, client, error)
                                    : find_own(db, arena, claim, client, error);
    *found = asked && client->client_id;
    if (*found && with_events)
        client->recent.user_id = claim->entity.id; /* no events, as has just been seen */
    return asked;
}

bool clients_find_tenant(struct database *db, struct arena *arena, const struct client_claim *claim,
                         struct found_client *client, bool *found, struct error *error)
{
    /* The first statement of a request meets the connection that died while idle (a restart of MariaDB,
     * wait_timeout): nothing has been done yet, so it may simply be asked again. */
    bool was_connected = database_is_connected(db);
    struct error first = {0};
    if (find_once(db, arena, claim, client, found, &first))
        return true;
    if (was_connected && !database_is_connected(db))
        return find_once(db, arena, claim, client, found, error);
    *error = first;
    return false;
}

static void read_bytes(struct query *query, unsigned column, struct arena *arena, unsigned char *bytes,
                       size_t size)
{
    const char *value = query_text(query, column, arena);
    if (value && query_length(query, column) == size)
        memcpy(bytes, value, size);
}

static void read_secrets(struct query *query, struct arena *arena, struct client_secrets *secrets)
{
    secrets->tenant_id = (uint32_t)query_uint64(query, 0);
    secrets->active = query_int64(query, 1) != 0;
    read_bytes(query, 2, arena, secrets->current.salt, CLIENT_SALT_BYTES);
    read_bytes(query, 3, arena, secrets->current.hash, CLIENT_HASH_BYTES);
    read_bytes(query, 4, arena, secrets->previous.salt, CLIENT_SALT_BYTES);
    read_bytes(query, 5, arena, secrets->previous.hash, CLIENT_HASH_BYTES);
    secrets->previous_until = query_int64(query, 6);
    secrets->tokens_not_before = query_int64(query, 7);
    secrets->scopes = query_text(query, 8, arena);
}

static bool find_secrets_once(struct database *db, struct arena *arena, const char *client_id,
                              struct client_secrets *secrets, bool *found, struct error *error)
{
    struct query query;
    *secrets = (struct client_secrets){.scopes = ""};
    if (!query_prepare(&query, db, STATEMENT_CLIENT_SECRETS, SQL_SECRETS, error))
        return false;
    query_bind_text(&query, client_id);
    *found = query_execute(&query, error) && query_fetch(&query, error);
    if (*found)
        read_secrets(&query, arena, secrets);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool clients_find_secrets(struct database *db, struct arena *arena, const char *client_id,
                          struct client_secrets *secrets, bool *found, struct error *error)
{
    bool was_connected = database_is_connected(db);
    struct error first = {0};
    if (find_secrets_once(db, arena, client_id, secrets, found, &first))
        return true;
    if (was_connected && !database_is_connected(db)) /* as above */
        return find_secrets_once(db, arena, client_id, secrets, found, error);
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
