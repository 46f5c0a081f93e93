/* What an end user did lately, read live. */
#ifndef PALATE_STORAGE_EVENTS_H
#define PALATE_STORAGE_EVENTS_H

#include "storage/database.h"

struct event_row {
    const char *item_id;
    int64_t occurred_at; /* Unix milliseconds */
    double weight;       /* -100 to 100: of its type, times the event's own factor */
    bool is_purchase;
};

/* The newest events of a user, newest first, at most limit, by index. The list lives in the arena. */
bool events_read_recent(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        uint32_t limit, struct event_row **rows, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The ids of items on which the user has events at or after `since` (Unix milliseconds); of the user's
 * newest 10,000 events. */
bool events_read_viewed(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        int64_t since, const char ***item_ids, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
