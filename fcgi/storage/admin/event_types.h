/* Rows of event_types, for the command line tool. Results live in the arena. */
#ifndef PALATE_STORAGE_ADMIN_EVENT_TYPES_H
#define PALATE_STORAGE_ADMIN_EVENT_TYPES_H

#include "storage/database.h"

struct admin_event_type {
    uint64_t id; /* within the tenant */
    const char *name;
    int weight; /* -100 to 100 */
    bool is_purchase;
};

bool admin_event_type_insert(struct database *db, uint64_t tenant_id, const struct admin_event_type *type,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

/* Inserts the type, or replaces weight and purchase of the one with its number and name. */
bool admin_event_type_store(struct database *db, uint64_t tenant_id, const struct admin_event_type *type,
                            struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_event_type_delete(struct database *db, uint64_t tenant_id, const char *name, bool *deleted,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

/* In the order of their numbers. */
bool admin_event_type_list(struct database *db, struct arena *arena, uint64_t tenant_id,
                           struct admin_event_type **types, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
