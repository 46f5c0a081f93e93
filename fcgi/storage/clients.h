/* API clients: a worker finds one, with its tenant and what else a request needs at once; the command line
 * tool makes, lists, limits and revokes them. */
#ifndef PALATE_STORAGE_CLIENTS_H
#define PALATE_STORAGE_CLIENTS_H

#include "storage/embeddings.h"
#include "storage/events.h"

struct tenant {
    uint32_t id;
    const char *key;             /* public name */
    uint64_t catalogue_revision; /* changes of items up to it are committed */
    uint64_t catalogue_key;      /* that a model of its catalogue carries */
    const char *quotas;          /* storage/quotas.h reads them; NULL: none */
};

/* Which client a token names. */
struct client_claim {
    const char *issuer; /* NULL: client_id is ours; else it is this provider's name for the client */
    const char *client_id;
    int64_t issued_at;    /* of the token, Unix seconds */
    struct entity entity; /* whose stored row may be read in the same round trip */
    bool wants_events;    /* and a user's newest events */
};

struct found_client {
    struct tenant tenant;
    const char *client_id; /* ours */
    const char *scopes;    /* that it is granted; NULL when it was not named by a provider */
    int64_t scopes_since;  /* Unix seconds: tokens issued before may carry scopes that it has lost */
    uint32_t rate_per_minute, rate_burst; /* requests that it may send; 0: no limit */
    struct found_embedding embedding;     /* of the claim's entity, if that was looked for */
    struct recent_events recent;          /* of that entity, likewise */
};

/* Finds the tenant of an active client of an active tenant, whose tokens of that time still count. *found
 * says whether there is one; false is returned when the database failed. Texts live in the arena. */
bool clients_find_tenant(struct database *db, struct arena *arena, const struct client_claim *claim,
                         struct found_client *client, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The scopes that a client has now, separated by spaces; "" when there is no such client. */
bool clients_read_scopes(struct database *db, struct arena *arena, uint32_t tenant_id, const char *client_id,
                         const char **scopes, struct error *error)
    __attribute__((nonnull, warn_unused_result));

enum { CLIENT_SALT_BYTES = 16, CLIENT_HASH_BYTES = 32 };

struct hashed_secret {
    unsigned char salt[CLIENT_SALT_BYTES], hash[CLIENT_HASH_BYTES];
};

/* What the token endpoint must know of a client. */
struct client_secrets {
    uint32_t tenant_id;
    bool active; /* the client, and its tenant */
    struct hashed_secret current, previous;
    int64_t previous_until;    /* Unix seconds; 0: there is no previous secret */
    int64_t tokens_not_before; /* Unix seconds */
    const char *scopes;        /* granted, separated by spaces; in the arena */
};

/* Like clients_find_tenant(), of any client. */
bool clients_find_secrets(struct database *db, struct arena *arena, const char *client_id,
                          struct client_secrets *secrets, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* ---- For the tool. Results live in the arena. */

struct admin_client {
    uint32_t tenant_id; /* 0: not found */
    char *id, *name, *scopes;
    bool active;               /* itself */
    bool tenant_active;        /* and its tenant */
    int64_t tokens_not_before; /* Unix seconds */
    uint32_t rate_per_minute;  /* 0: no limit */
    uint32_t rate_burst;
};

/* By id, which is unique in the installation; client->tenant_id is 0 when there is none. */
bool admin_client_find(struct database *db, struct arena *arena, const char *client_id,
                       struct admin_client *client, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Those of one tenant in the order of their ids. */
bool admin_client_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                       struct admin_client **clients, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Uses tenant_id, id, name and scopes of the client. */
bool admin_client_insert(struct database *db, const struct admin_client *client,
                         const struct hashed_secret *secret, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Makes secret the current one; the one before counts until that moment (Unix seconds), any older no more. */
bool admin_client_rotate(struct database *db, const struct admin_client *client,
                         const struct hashed_secret *secret, int64_t previous_until, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Refuses tokens issued before that moment (Unix seconds), which never moves back. */
bool admin_client_revoke_tokens(struct database *db, const struct admin_client *client, int64_t not_before,
                                struct error *error) __attribute__((nonnull, warn_unused_result));

/* The same, and switches the client off. */
bool admin_client_revoke(struct database *db, const struct admin_client *client, int64_t not_before,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

/* Replaces its scopes; what tokens issued before that moment (Unix seconds) carry counts from now on as far as
 * it is among them. */
bool admin_client_set_scopes(struct database *db, const struct admin_client *client, const char *scopes,
                             int64_t since, struct error *error) __attribute__((nonnull, warn_unused_result));

/* How many requests the client may send: rate_per_minute 0 for no limit. */
bool admin_client_set_rate(struct database *db, const struct admin_client *client, uint32_t rate_per_minute,
                           uint32_t rate_burst, struct error *error)
    __attribute__((nonnull, warn_unused_result));

bool admin_client_set_active(struct database *db, uint32_t tenant_id, const char *client_id, bool active,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

/* ---- Clients that `palate doctor` makes for one request and removes, and what the log says of that request
 */

/* How their ids begin, and their name: both mark what an interrupted doctor has left. */
#define TRIAL_CLIENT_PREFIX "palate-doctor-"
#define TRIAL_CLIENT_NAME   "palate doctor"

/* Removes the client, and the row that its request made of it as an end user. The two logs keep their rows.
 */
bool trial_client_remove(struct database *db, uint32_t tenant_id, const char *client_id, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Removes those of a tenant that are older than an hour. */
bool trial_clients_remove_old(struct database *db, uint32_t tenant_id, struct error *error)
    __attribute__((nonnull, warn_unused_result));

struct trial_decision {
    bool found;
    char *recommender;
    uint64_t model_generation, result_count;
};

/* The newest answer to the client, of the last hour. */
bool trial_decision_find(struct database *db, struct arena *arena, uint32_t tenant_id, const char *client_id,
                         struct trial_decision *decision, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
