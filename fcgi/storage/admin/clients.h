/* Rows of api_clients, for the command line tool. Results live in the arena. */
#ifndef PALATE_STORAGE_ADMIN_CLIENTS_H
#define PALATE_STORAGE_ADMIN_CLIENTS_H

#include "storage/clients.h"
#include "storage/database.h"

struct admin_client {
    uint64_t tenant_id; /* 0: not found */
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
bool admin_client_list(struct database *db, struct arena *arena, uint64_t tenant_id,
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

/* How often the client may ask: rate_per_minute 0 for no limit. */
bool admin_client_set_rate(struct database *db, const struct admin_client *client, uint32_t rate_per_minute,
                           uint32_t rate_burst, struct error *error)
    __attribute__((nonnull, warn_unused_result));

bool admin_client_set_active(struct database *db, uint64_t tenant_id, const char *client_id, bool active,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
