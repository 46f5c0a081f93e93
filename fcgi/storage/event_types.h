/* A tenant's kinds of events: what they are called, what they weigh and which of them buy. Read once and kept
 * from request to request, for the history that ranking uses as for the events that callers send.
 *
 * What is kept holds for one revision of the tenant's catalogue, which every request has just read and which
 * `palate event-type` raises. Only adding a type raises nothing, so a type that is not kept is looked for in
 * the database before it counts as unknown. Owned by the process, for at most EVENT_TYPE_TENANTS tenants.
 * Pointers to a type are valid until the next call that takes a database. */
#ifndef PALATE_STORAGE_EVENT_TYPES_H
#define PALATE_STORAGE_EVENT_TYPES_H

#include "storage/clients.h"

enum {
    EVENT_TYPE_TENANTS = 256,
    ACCEPTED_TYPE_WEIGHT = 10, /* of a type that was added because an event named it: as a view */
};

/* What a window of a user's history is of (events_read_recent). */
enum event_kind {
    EVENT_PURCHASE,
    EVENT_STRONG, /* weighs more than a view, or less than nothing */
    EVENT_LIGHT,
    EVENT_SILENT, /* says nothing of the user's taste: an impression, a type of weight 0 such as search */
    EVENT_KINDS
};

struct event_type {
    uint32_t id; /* within the tenant */
    const char *name;
    double weight; /* -100 to 100 */
    bool is_purchase;
    enum event_kind kind;
};

/* The kind of all events of a type; of the service's types and of those in files. */
enum event_kind event_kind_of(const char *name, double weight, bool is_purchase)
    __attribute__((nonnull, warn_unused_result));

/* The numbers of the kept types of a kind, with commas between. */
const char *event_types_of_kind(const struct tenant *tenant, enum event_kind kind, struct arena *arena)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The type of this name, else of this number in digits; NULL when none is kept. */
const struct event_type *event_types_kept(const struct tenant *tenant, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* Reads all types of the tenant, in place of those that are kept. */
bool event_types_read(struct database *db, const struct tenant *tenant, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* event_types_kept(), after reading where it is not kept; NULL in *type: there is none. */
bool event_types_find(struct database *db, const struct tenant *tenant, const char *name,
                      const struct event_type **type, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* How many are kept: all of the tenant's, after event_types_read(). */
size_t event_types_count(const struct tenant *tenant) __attribute__((nonnull, warn_unused_result));

/* Adds a type under the next free number. Does nothing when it is there, when the tenant has
 * LIMIT_EVENT_TYPES or its quota of them, or when another worker takes the number in the same moment: look it
 * up afterwards. */
bool event_types_add(struct database *db, const struct tenant *tenant, const char *name, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Multiplies the weight of each row, until then the event's own factor, with its type's, to -100 to 100, and
 * sets whether it is a purchase, and a touch. Rows whose type is gone are dropped. */
bool event_types_weigh(struct database *db, const struct tenant *tenant, struct recent_events *recent,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

/* ---- For the tool */

struct admin_event_type {
    uint64_t id; /* within the tenant */
    const char *name;
    int weight; /* -100 to 100 */
    bool is_purchase;
};

bool admin_event_type_insert(struct database *db, uint32_t tenant_id, const struct admin_event_type *type,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

/* Inserts the type, or replaces weight and purchase of the one with its number and name. */
bool admin_event_type_store(struct database *db, uint32_t tenant_id, const struct admin_event_type *type,
                            struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_event_type_delete(struct database *db, uint32_t tenant_id, const char *name, bool *deleted,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

/* In the order of their numbers. */
bool admin_event_type_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                           struct admin_event_type **types, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
