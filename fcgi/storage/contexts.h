/* Stored contexts: a worker finds one, the command line tool lists, stores and deletes them. */
#ifndef PALATE_STORAGE_CONTEXTS_H
#define PALATE_STORAGE_CONTEXTS_H

#include "storage/database.h"

struct context_row {
    uint32_t id;
    const char *key;
    const char *name, *description;
    const char *settings; /* JSON text */
};

/* Finds a context of the tenant by number or by key. *found says whether there is one; texts live in the
 * arena. */
bool contexts_find_id(struct database *db, struct arena *arena, uint32_t tenant_id, uint32_t context_id,
                      struct context_row *row, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));
bool contexts_find_key(struct database *db, struct arena *arena, uint32_t tenant_id, const char *key,
                       struct context_row *row, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* ---- For the tool */

/* In the order of their numbers, in the arena. */
bool admin_context_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                        struct context_row **contexts, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Inserts the context or replaces what stands under its number. The caller has made sure that no other
 * context of the tenant has the key: that one would be overwritten. */
bool admin_context_store(struct database *db, uint32_t tenant_id, const struct context_row *context,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_context_delete(struct database *db, uint32_t tenant_id, uint32_t context_id, bool *deleted,
                          struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
