/* API clients and the tenants behind them, as a worker needs them. */
#ifndef PALATE_STORAGE_CLIENTS_H
#define PALATE_STORAGE_CLIENTS_H

#include "storage/embeddings.h"
#include "storage/events.h"

struct tenant {
    uint32_t id;
    const char *key;             /* public name */
    uint64_t catalogue_revision; /* changes of items up to it are committed */
    uint64_t catalogue_key;      /* that a model of its catalogue carries */
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
    const char *client_id;                /* ours */
    const char *scopes;                   /* that it is granted; NULL when it was not named by a provider */
    uint32_t rate_per_minute, rate_burst; /* how often it may ask; 0: no limit */
    struct found_embedding embedding;     /* of the claim's entity, if that was looked for */
    struct recent_events recent;          /* of that entity, likewise */
};

/* Finds the tenant of an active client of an active tenant, whose tokens of that time still count. *found
 * tells whether there is one; the result false means that the database could not be asked. Texts live in
 * the arena. */
bool clients_find_tenant(struct database *db, struct arena *arena, const struct client_claim *claim,
                         struct found_client *client, bool *found, struct error *error)
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

/* The tenant's catalogue revision as it is now. */
bool clients_read_revision(struct database *db, uint32_t tenant_id, uint64_t *revision, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
