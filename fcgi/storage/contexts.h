/* Stored contexts, as a worker needs them. */
#ifndef PALATE_STORAGE_CONTEXTS_H
#define PALATE_STORAGE_CONTEXTS_H

#include "storage/database.h"

struct context_row {
    uint32_t id;
    const char *key;
    const char *name;
    const char *settings; /* JSON text */
};

/* Finds a context of the tenant by number or by key. *found tells whether there is one; texts live in the
 * arena. */
bool contexts_find_id(struct database *db, struct arena *arena, uint32_t tenant_id, uint32_t context_id,
                      struct context_row *row, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));
bool contexts_find_key(struct database *db, struct arena *arena, uint32_t tenant_id, const char *key,
                       struct context_row *row, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
