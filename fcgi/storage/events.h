/* What an end user did lately, read live. */
#ifndef PALATE_STORAGE_EVENTS_H
#define PALATE_STORAGE_EVENTS_H

#include "storage/database.h"

struct tenant;

struct event_row {
    const char *item_id;
    int64_t occurred_at; /* Unix milliseconds */
    uint32_t type_id;
    double weight; /* -100 to 100: of its type, times the event's own factor */
    bool is_purchase;
};

/* A user's newest events, newest first. Lives in the arena of the request. */
struct recent_events {
    const char *user_id; /* NULL: they have not been read */
    struct event_row *rows;
    size_t count;
};

/* The newest LIMIT_RECENT_EVENTS events of a user, by index; not read again when known is of that user. */
bool events_read_recent(struct database *db, struct arena *arena, const struct tenant *tenant,
                        const char *user_id, const struct recent_events *known, struct recent_events *recent,
                        struct error *error) __attribute__((nonnull(1, 2, 3, 4, 6, 7), warn_unused_result));

/* For statements that read them along with something else: what they select of an event e, and how a row of
 * it is read from that column on. Its weight is to be applied (event_types.h). */
#define EVENT_COLUMNS "e.item_id, e.occurred_at, e.event_type_id, e.factor"
void events_read_row(struct query *query, unsigned column, struct arena *arena, struct event_row *row)
    __attribute__((nonnull));

/* The ids of items on which the user has events at or after `since` (Unix milliseconds); of the user's
 * newest 10,000 events. */
bool events_read_viewed(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        int64_t since, const char ***item_ids, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
