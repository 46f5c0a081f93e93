/* Rows of tenants, most of it for the command line tool. Results live in the arena.
 *
 * A tenant's row also counts its catalogue: each change of items takes the next revision. */
#ifndef PALATE_STORAGE_TENANTS_H
#define PALATE_STORAGE_TENANTS_H

#include "storage/database.h"

/* The revision of the tenant's catalogue as it is now, without a lock. */
bool tenants_read_revision(struct database *db, uint32_t tenant_id, uint64_t *revision, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* ---- For the tool */

struct admin_tenant {
    uint32_t id; /* 0: not found */
    char *key, *name;
    bool active;
    uint64_t revision; /* of its catalogue */
    uint64_t catalogue_key;
    char *quotas; /* as stored; NULL: none */
};

/* tenant->id is 0 when there is none with that key. */
bool admin_tenant_find(struct database *db, struct arena *arena, const char *key, struct admin_tenant *tenant,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

/* All tenants in the order of their keys. */
bool admin_tenant_list(struct database *db, struct arena *arena, struct admin_tenant **tenants, size_t *count,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_tenant_insert(struct database *db, const char *key, const char *name, uint32_t *id,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_tenant_set_active(struct database *db, uint32_t tenant_id, bool active, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Locks the tenant's row until the end of the transaction and reads the revision of its catalogue, so that
 * revisions are given out, and become visible, one after the other. */
bool admin_tenant_lock_revision(struct database *db, uint32_t tenant_id, uint64_t *revision,
                                struct error *error) __attribute__((nonnull, warn_unused_result));
bool admin_tenant_set_revision(struct database *db, uint32_t tenant_id, uint64_t revision,
                               struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
