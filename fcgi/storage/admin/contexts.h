/* Rows of contexts, for the command line tool. Results live in the arena. */
#ifndef PALATE_STORAGE_ADMIN_CONTEXTS_H
#define PALATE_STORAGE_ADMIN_CONTEXTS_H

#include "storage/database.h"

struct admin_context {
    bool found;
    uint64_t id;
    char *key, *name, *description;
    char *settings; /* JSON */
};

bool admin_context_find(struct database *db, struct arena *arena, uint64_t tenant_id, uint64_t context_id,
                        struct admin_context *context, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* In the order of their numbers. */
bool admin_context_list(struct database *db, struct arena *arena, uint64_t tenant_id,
                        struct admin_context **contexts, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Inserts the context or replaces what stands under its number. The caller has made sure that no other
 * context of the tenant has the key: that one would be overwritten. */
bool admin_context_store(struct database *db, uint64_t tenant_id, const struct admin_context *context,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_context_delete(struct database *db, uint64_t tenant_id, uint64_t context_id, bool *deleted,
                          struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
