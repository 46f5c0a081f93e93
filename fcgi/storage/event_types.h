/* Kinds of events, as the worker looks them up and, where unknown ones are accepted, adds them. */
#ifndef PALATE_STORAGE_EVENT_TYPES_H
#define PALATE_STORAGE_EVENT_TYPES_H

#include "storage/database.h"

enum { ACCEPTED_TYPE_WEIGHT = 10 /* of a type that was added because an event named it: as a view */ };

/* The number of a type by its name, else by its own digits; 0 in *type_id when there is none. */
bool event_types_find(struct database *db, uint32_t tenant_id, const char *name, uint32_t *type_id,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

/* Adds a type under the next free number. Does nothing when it is there, when the tenant has
 * LIMIT_EVENT_TYPES, or when another worker takes the number in the same moment: look it up afterwards. */
bool event_types_add(struct database *db, uint32_t tenant_id, const char *name, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
