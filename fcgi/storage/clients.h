/* API clients and the tenants behind them, as a worker needs them. */
#ifndef PALATE_STORAGE_CLIENTS_H
#define PALATE_STORAGE_CLIENTS_H

#include "storage/database.h"

struct tenant {
    uint32_t id;
    const char *key;             /* public name */
    uint64_t catalogue_revision; /* changes of items up to it are committed */
    uint64_t catalogue_key;      /* that a model of its catalogue carries */
};

/* Finds the tenant of an active client of an active tenant. *found tells whether there is one; the result
 * false means that the database could not be asked. The text lives in the arena. */
bool clients_find_tenant(struct database *db, struct arena *arena, const char *client_id,
                         struct tenant *tenant, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The tenant's catalogue revision as it is now. */
bool clients_read_revision(struct database *db, uint32_t tenant_id, uint64_t *revision, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
