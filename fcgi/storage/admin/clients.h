/* Rows of api_clients, for the command line tool. Results live in the arena. */
#ifndef PALATE_STORAGE_ADMIN_CLIENTS_H
#define PALATE_STORAGE_ADMIN_CLIENTS_H

#include "storage/database.h"

enum { CLIENT_SALT_BYTES = 16, CLIENT_HASH_BYTES = 32 };

struct admin_client {
    uint64_t tenant_id; /* 0: not found */
    char *id, *name, *scopes;
    bool active;        /* itself */
    bool tenant_active; /* and its tenant */
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
                         const unsigned char salt[CLIENT_SALT_BYTES],
                         const unsigned char hash[CLIENT_HASH_BYTES], struct error *error)
    __attribute__((nonnull, warn_unused_result));

bool admin_client_set_active(struct database *db, uint64_t tenant_id, const char *client_id, bool active,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
