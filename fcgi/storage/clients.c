/* API clients and their tenants; see clients.h.
 *
 * The first statement of nearly every request is one of the FIND_... below. A request cannot do without the
 * client and its tenant, and most need the entity's row, or a user's newest events, as well: so these are
 * joined to it and cost no trip to the database of their own. */
#include "storage/clients.h"

#include "base/limits.h"
#include "storage/event_types.h"
#include "storage/query.h"

/* These five have no tenant in their WHERE: they are what finds the tenant. */
#define CLIENT_COLUMNS                                                                                       \
    "t.tenant_id, t.tenant_key, t.catalogue_revision, t.catalogue_key, c.rate_per_minute, c.rate_burst,"     \
    " c.scopes_since, t.quotas"

static const struct statement FIND_CLIENT = {
    "SELECT " CLIENT_COLUMNS " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id"
    " WHERE c.client_id = ? AND c.active AND t.active AND c.tokens_not_before <= ?"};

static const struct statement FIND_CLIENT_ENTITY = {
    "SELECT " CLIENT_COLUMNS ", n.name, n.description FROM api_clients c"
    " JOIN tenants t ON t.tenant_id = c.tenant_id"
    " LEFT JOIN entity_embeddings n"
    " ON n.tenant_id = t.tenant_id AND n.entity_type = ? AND n.entity_id = ?"
    " WHERE c.client_id = ? AND c.active AND t.active AND c.tokens_not_before <= ?"};

/* Who has events is found with them. A row repeats what is not of the event, so of the texts that requests
 * gave it only says whether there are any. */
static const struct statement FIND_CLIENT_EVENTS = {
    "SELECT " CLIENT_COLUMNS ", n.name = '' AND n.description = '', " EVENT_COLUMNS " FROM api_clients c"
    " JOIN tenants t ON t.tenant_id = c.tenant_id"
    " LEFT JOIN entity_embeddings n"
    " ON n.tenant_id = t.tenant_id AND n.entity_type = ? AND n.entity_id = ?"
    " JOIN events e FORCE INDEX (events_by_user) ON e.tenant_id = t.tenant_id"
    " WHERE c.client_id = ? AND c.active AND t.active AND c.tokens_not_before <= ? AND e.user_id = ?"
    " ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?"};

static const struct statement FIND_CLIENT_ALIAS = {
    "SELECT " CLIENT_COLUMNS ", c.client_id, c.scopes"
    " FROM client_aliases a"
    " JOIN api_clients c ON c.tenant_id = a.tenant_id AND c.client_id = a.client_id"
    " JOIN tenants t ON t.tenant_id = c.tenant_id"
    " WHERE a.alias = ? AND c.active AND t.active AND c.tokens_not_before <= ? AND a.issuer = ?"};

static const struct statement READ_SCOPES = {
    "SELECT scopes FROM api_clients WHERE tenant_id = ? AND client_id = ?"};

static const struct statement FIND_SECRETS = {
    "SELECT c.tenant_id, c.active AND t.active, c.secret_salt, c.secret_hash, c.previous_salt,"
    " c.previous_hash, c.previous_until, c.tokens_not_before, c.scopes"
    " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id WHERE c.client_id = ?"};

/* Columns behind the client's: of the entity, or whether its row is plain, and then the event's. */
enum { ALIAS_CLIENT = 8, ALIAS_SCOPES = 9 };
enum { ENTITY_NAME = 8, ENTITY_DESCRIPTION = 9 };
enum { ENTITY_IS_PLAIN = 8, EVENT = 9 };

static void read_client(struct query *query, struct arena *arena, const char *client_id,
                        struct found_client *client)
{
    client->client_id = client_id;
    client->rate_per_minute = query_uint32(query, 4);
    client->rate_burst = query_uint32(query, 5);
    client->scopes_since = query_int64(query, 6);
    client->tenant = (struct tenant){.id = query_uint32(query, 0),
                                     .key = query_text(query, 1, arena),
                                     .catalogue_revision = query_uint64(query, 2),
                                     .catalogue_key = query_uint64(query, 3),
                                     .quotas = query_text(query, 7, arena)};
}

static void read_events(struct query *query, struct arena *arena, const struct client_claim *claim,
                        struct found_client *client)
{
    struct recent_events *recent = &client->recent;
    const bool stored = query_length(query, ENTITY_IS_PLAIN), plain = query_bool(query, ENTITY_IS_PLAIN);
    /* A row with texts is read by itself, where it is needed (embeddings_read). */
    if (plain || !stored)
        client->embedding = (struct found_embedding){
            .entity = claim->entity, .is_stored = stored, .row = {.name = "", .description = ""}};
    recent->user_id = claim->entity.id;
    recent->rows = arena_alloc(arena, LIMIT_RECENT_EVENTS, sizeof(*recent->rows));
    do
        events_read_row(query, EVENT, arena, &recent->rows[recent->count++]);
    while (recent->count < LIMIT_RECENT_EVENTS && query_fetch(query));
    recent->is_full = recent->count == LIMIT_RECENT_EVENTS;
}

/* Finds no client where the user has no events. */
static bool find_with_events(struct database *db, struct arena *arena, const struct client_claim *claim,
                             struct found_client *client, struct error *error)
{
    struct query query;
    if (!query_find(&query, db, &FIND_CLIENT_EVENTS, error, entity_type_name(claim->entity.type),
                    claim->entity.id, claim->client_id, claim->issued_at, claim->entity.id,
                    LIMIT_RECENT_EVENTS))
        return error->code == ERROR_NONE;
    read_client(&query, arena, claim->client_id, client);
    read_events(&query, arena, claim, client);
    return error->code == ERROR_NONE && event_types_weigh(db, &client->tenant, &client->recent, error);
}

static bool find_with_entity(struct database *db, struct arena *arena, const struct client_claim *claim,
                             struct found_client *client, struct error *error)
{
    struct query query;
    struct found_embedding *found = &client->embedding;
    if (!query_find(&query, db, &FIND_CLIENT_ENTITY, error, entity_type_name(claim->entity.type),
                    claim->entity.id, claim->client_id, claim->issued_at))
        return error->code == ERROR_NONE;
    read_client(&query, arena, claim->client_id, client);
    found->entity = claim->entity;
    found->row.name = query_text(&query, ENTITY_NAME, arena);
    found->row.description = query_text(&query, ENTITY_DESCRIPTION, arena);
    found->is_stored = found->row.name && found->row.description;
    return error->code == ERROR_NONE;
}

/* By the alias, with the entity, or alone: whichever the claim names. With events it is tried first, since
 * most users of a shop have some; who has none is found by the second statement. */
static bool find_once(struct database *db, struct arena *arena, const struct client_claim *claim,
                      struct found_client *client, struct error *error)
{
    const bool with_events = claim->wants_events && !claim->issuer;
    struct query query;
    *client = (struct found_client){0};
    if (with_events && (!find_with_events(db, arena, claim, client, error) || client->client_id))
        return error->code == ERROR_NONE;
    if (claim->issuer) {
        if (query_find(&query, db, &FIND_CLIENT_ALIAS, error, claim->client_id, claim->issued_at,
                       claim->issuer)) {
            read_client(&query, arena, query_text(&query, ALIAS_CLIENT, arena), client);
            client->scopes = query_text(&query, ALIAS_SCOPES, arena);
        }
    } else if (claim->entity.id) {
        if (!find_with_entity(db, arena, claim, client, error))
            return false;
    } else if (query_find(&query, db, &FIND_CLIENT, error, claim->client_id, claim->issued_at)) {
        read_client(&query, arena, claim->client_id, client);
    }
    if (client->client_id && with_events)
        client->recent.user_id = claim->entity.id; /* no events, as has just been seen */
    return error->code == ERROR_NONE;
}

/* The first statement of a request meets the connection that died while idle (a restart of MariaDB,
 * wait_timeout): nothing has been done yet, so it may simply be run again. */
static bool died_while_idle(const struct database *db, bool was_connected, struct error *error)
{
    if (!was_connected || database_is_connected(db))
        return false;
    error_clear(error);
    return true;
}

bool clients_find_tenant(struct database *db, struct arena *arena, const struct client_claim *claim,
                         struct found_client *client, bool *found, struct error *error)
{
    bool was_connected = database_is_connected(db);
    bool done = find_once(db, arena, claim, client, error) ||
                (died_while_idle(db, was_connected, error) && find_once(db, arena, claim, client, error));
    *found = done && client->client_id;
    return done;
}

bool clients_read_scopes(struct database *db, struct arena *arena, uint32_t tenant_id, const char *client_id,
                         const char **scopes, struct error *error)
{
    struct query query;
    *scopes =
        query_find(&query, db, &READ_SCOPES, error, tenant_id, client_id) ? query_text(&query, 0, arena) : "";
    return error->code == ERROR_NONE;
}

static bool find_secrets_once(struct database *db, struct arena *arena, const char *client_id,
                              struct client_secrets *secrets, bool *found, struct error *error)
{
    struct query query;
    *secrets = (struct client_secrets){.scopes = ""};
    *found = query_find(&query, db, &FIND_SECRETS, error, client_id);
    if (*found) {
        secrets->tenant_id = query_uint32(&query, 0);
        secrets->active = query_bool(&query, 1);
        query_bytes(&query, 2, secrets->current.salt, CLIENT_SALT_BYTES);
        query_bytes(&query, 3, secrets->current.hash, CLIENT_HASH_BYTES);
        query_bytes(&query, 4, secrets->previous.salt, CLIENT_SALT_BYTES);
        query_bytes(&query, 5, secrets->previous.hash, CLIENT_HASH_BYTES);
        secrets->previous_until = query_int64(&query, 6);
        secrets->tokens_not_before = query_int64(&query, 7);
        secrets->scopes = query_text(&query, 8, arena);
    }
    return error->code == ERROR_NONE;
}

bool clients_find_secrets(struct database *db, struct arena *arena, const char *client_id,
                          struct client_secrets *secrets, bool *found, struct error *error)
{
    bool was_connected = database_is_connected(db);
    return find_secrets_once(db, arena, client_id, secrets, found, error) ||
           (died_while_idle(db, was_connected, error) &&
            find_secrets_once(db, arena, client_id, secrets, found, error));
}

/* ---- For the tool */

#define ADMIN_COLUMNS                                                                                        \
    "c.tenant_id, c.client_id, c.name, c.scopes, c.active, t.active, c.tokens_not_before,"                   \
    " c.rate_per_minute, c.rate_burst"

static const struct statement READ_CLIENT = {
    "SELECT " ADMIN_COLUMNS
    " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id WHERE c.client_id = ?"};

static const struct statement LIST_CLIENTS = {
    "SELECT " ADMIN_COLUMNS
    " FROM api_clients c JOIN tenants t ON t.tenant_id = c.tenant_id WHERE c.tenant_id = ?"
    " ORDER BY c.client_id"};

static const struct statement INSERT_CLIENT = {
    "INSERT INTO api_clients (tenant_id, client_id, name, secret_salt, secret_hash, scopes)"
    " VALUES (?, ?, ?, ?, ?, ?)"};

static const struct statement SET_CLIENT_ACTIVE = {
    "UPDATE api_clients SET active = ? WHERE tenant_id = ? AND client_id = ?"};

/* Assigned from left to right: the secret moves on before it is replaced. */
static const struct statement ROTATE_SECRET = {
    "UPDATE api_clients SET previous_salt = secret_salt, previous_hash = secret_hash, previous_until = ?,"
    " secret_salt = ?, secret_hash = ? WHERE tenant_id = ? AND client_id = ?"};

static const struct statement REVOKE_TOKENS = {
    "UPDATE api_clients SET tokens_not_before = GREATEST(tokens_not_before, ?)"
    " WHERE tenant_id = ? AND client_id = ?"};

static const struct statement SET_CLIENT_SCOPES = {
    "UPDATE api_clients SET scopes = ?, scopes_since = GREATEST(scopes_since, ?)"
    " WHERE tenant_id = ? AND client_id = ?"};

static const struct statement SET_CLIENT_RATE = {
    "UPDATE api_clients SET rate_per_minute = ?, rate_burst = ? WHERE tenant_id = ? AND client_id = ?"};

static const struct statement REVOKE_CLIENT = {
    "UPDATE api_clients SET active = FALSE, tokens_not_before = GREATEST(tokens_not_before, ?)"
    " WHERE tenant_id = ? AND client_id = ?"};

static struct admin_client read_admin_client(struct query *query, struct arena *arena)
{
    return (struct admin_client){.tenant_id = query_uint32(query, 0),
                                 .id = query_text(query, 1, arena),
                                 .name = query_text(query, 2, arena),
                                 .scopes = query_text(query, 3, arena),
                                 .active = query_bool(query, 4),
                                 .tenant_active = query_bool(query, 5),
                                 .tokens_not_before = query_int64(query, 6),
                                 .rate_per_minute = query_uint32(query, 7),
                                 .rate_burst = query_uint32(query, 8)};
}

bool admin_client_find(struct database *db, struct arena *arena, const char *client_id,
                       struct admin_client *client, struct error *error)
{
    struct query query;
    *client = (struct admin_client){0};
    if (query_find(&query, db, &READ_CLIENT, error, client_id))
        *client = read_admin_client(&query, arena);
    return error->code == ERROR_NONE;
}

bool admin_client_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                       struct admin_client **clients, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &LIST_CLIENTS, error, tenant_id))
        return false;
    *clients = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**clients));
    while (query_fetch(&query))
        (*clients)[(*count)++] = read_admin_client(&query, arena);
    return error->code == ERROR_NONE;
}

bool admin_client_insert(struct database *db, const struct admin_client *client,
                         const struct hashed_secret *secret, struct error *error)
{
    return database_execute(db, &INSERT_CLIENT, error, client->tenant_id, client->id, client->name,
                            BYTES(secret->salt, CLIENT_SALT_BYTES), BYTES(secret->hash, CLIENT_HASH_BYTES),
                            client->scopes);
}

bool admin_client_set_active(struct database *db, uint32_t tenant_id, const char *client_id, bool active,
                             struct error *error)
{
    return database_execute(db, &SET_CLIENT_ACTIVE, error, active, tenant_id, client_id);
}

bool admin_client_rotate(struct database *db, const struct admin_client *client,
                         const struct hashed_secret *secret, int64_t previous_until, struct error *error)
{
    return database_execute(db, &ROTATE_SECRET, error, previous_until, BYTES(secret->salt, CLIENT_SALT_BYTES),
                            BYTES(secret->hash, CLIENT_HASH_BYTES), client->tenant_id, client->id);
}

bool admin_client_revoke_tokens(struct database *db, const struct admin_client *client, int64_t not_before,
                                struct error *error)
{
    return database_execute(db, &REVOKE_TOKENS, error, not_before, client->tenant_id, client->id);
}

bool admin_client_revoke(struct database *db, const struct admin_client *client, int64_t not_before,
                         struct error *error)
{
    return database_execute(db, &REVOKE_CLIENT, error, not_before, client->tenant_id, client->id);
}

bool admin_client_set_scopes(struct database *db, const struct admin_client *client, const char *scopes,
                             int64_t since, struct error *error)
{
    return database_execute(db, &SET_CLIENT_SCOPES, error, scopes, since, client->tenant_id, client->id);
}

bool admin_client_set_rate(struct database *db, const struct admin_client *client, uint32_t rate_per_minute,
                           uint32_t rate_burst, struct error *error)
{
    return database_execute(db, &SET_CLIENT_RATE, error, rate_per_minute, rate_burst, client->tenant_id,
                            client->id);
}

/* ---- Clients of `palate doctor` */

static const struct statement REMOVE_TRIAL_ENTITY = {
    "DELETE FROM entity_embeddings WHERE tenant_id = ? AND entity_type = 'User' AND entity_id = ?"};

static const struct statement REMOVE_TRIAL = {
    "DELETE FROM api_clients WHERE tenant_id = ? AND client_id = ?"};

static const struct statement REMOVE_OLD_TRIALS = {
    "DELETE FROM api_clients WHERE tenant_id = ? AND name = '" TRIAL_CLIENT_NAME
    "' AND client_id LIKE '" TRIAL_CLIENT_PREFIX
    "%' AND created_at < CURRENT_TIMESTAMP(6) - INTERVAL 1 HOUR"};

static const struct statement FIND_TRIAL_DECISION = {
    "SELECT d.recommender, d.model_generation, d.result_count FROM sequences s"
    " JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id"
    " WHERE s.tenant_id = ? AND s.client_id = ? AND s.created_at >= CURRENT_TIMESTAMP(6) - INTERVAL 1 HOUR"
    " ORDER BY s.sequence_id DESC LIMIT 1"};

bool trial_client_remove(struct database *db, uint32_t tenant_id, const char *client_id, struct error *error)
{
    return database_execute(db, &REMOVE_TRIAL, error, tenant_id, client_id) &&
           database_execute(db, &REMOVE_TRIAL_ENTITY, error, tenant_id, client_id);
}

bool trial_clients_remove_old(struct database *db, uint32_t tenant_id, struct error *error)
{
    return database_execute(db, &REMOVE_OLD_TRIALS, error, tenant_id);
}

bool trial_decision_find(struct database *db, struct arena *arena, uint32_t tenant_id, const char *client_id,
                         struct trial_decision *decision, struct error *error)
{
    struct query query;
    *decision = (struct trial_decision){0};
    if (query_find(&query, db, &FIND_TRIAL_DECISION, error, tenant_id, client_id))
        *decision = (struct trial_decision){.found = true,
                                            .recommender = query_text(&query, 0, arena),
                                            .model_generation = query_uint64(&query, 1),
                                            .result_count = query_uint64(&query, 2)};
    return error->code == ERROR_NONE;
}
