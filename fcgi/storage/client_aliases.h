/* Rows of client_aliases: clients as foreign identity providers name them. For the command line tool. */
#ifndef PALATE_STORAGE_CLIENT_ALIASES_H
#define PALATE_STORAGE_CLIENT_ALIASES_H

#include "storage/database.h"

struct admin_alias {
    uint32_t tenant_id;
    const char *issuer, *alias;
    const char *client_id; /* ours; NULL: not found */
};

/* By provider and name, which are unique in the installation. Texts live in the arena. */
bool admin_alias_find(struct database *db, struct arena *arena, const char *issuer, const char *alias,
                      struct admin_alias *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

bool admin_alias_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                      struct admin_alias **aliases, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

bool admin_alias_insert(struct database *db, const struct admin_alias *alias, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Of its tenant, by provider and name. */
bool admin_alias_delete(struct database *db, const struct admin_alias *alias, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
