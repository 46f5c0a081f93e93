/* Rows of events, for the command line tool: bulk inserting and streaming. */
#ifndef PALATE_STORAGE_ADMIN_EVENTS_H
#define PALATE_STORAGE_ADMIN_EVENTS_H

#include "storage/bulk.h"
#include "storage/database.h"

enum { EVENT_DEDUPLICATION_BYTES = 16 };

struct admin_event {
    const char *user_id, *item_id;
    uint64_t type_id;
    int64_t occurred_at; /* Unix milliseconds */
    int64_t quantity;
    const unsigned char *deduplication; /* EVENT_DEDUPLICATION_BYTES */
};

/* Adds a row to the bulk; see bulk_end_row() for what is returned. */
bool admin_event_add(struct bulk *bulk, uint64_t tenant_id, const struct admin_event *event)
    __attribute__((nonnull, warn_unused_result));

/* Inserts the bulk's events but those that are there already (by deduplication); *inserted counts the new
 * ones. INSERT IGNORE would also pass over other faults: the caller has checked every value. */
bool admin_events_insert(struct database *db, struct bulk *bulk, uint64_t *inserted, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Calls each(context, ...) for every event of the tenant in the order of their numbers; weight is its
 * type's times its own factor, -100 to 100, occurred_at Unix milliseconds. Texts live until the call returns;
 * each returns false to stop early. The arena is reset for every row. */
typedef bool admin_event_each(void *context, const char *user_id, const char *item_id, double weight,
                              int64_t occurred_at);
bool admin_events_stream(struct database *db, struct arena *arena, uint64_t tenant_id, admin_event_each *each,
                         void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 6), warn_unused_result));

#endif
