/* Events as they are read: what an end user did lately, with each request, and all of a tenant, for training.
 * What the API shows of them is in events_list.h. */
#ifndef PALATE_STORAGE_EVENTS_H
#define PALATE_STORAGE_EVENTS_H

#include "storage/database.h"

struct query;
struct tenant;

struct event_row {
    const char *item_id;
    int64_t occurred_at; /* Unix milliseconds */
    uint32_t type_id;
    double weight; /* -100 to 100: of its type, times the event's own factor */
    bool is_purchase;
    bool is_touch; /* the user did it: no impression, and no search */
};

/* A user's newest events, newest first. Lives in the arena of the request. */
struct recent_events {
    const char *user_id; /* NULL: they have not been read */
    struct event_row *rows;
    size_t count;
    bool is_full;              /* there may be older ones */
    const char **bought_items; /* of purchases that are older than those in rows */
    size_t bought_count;
};

/* What a user did lately, newest first; not read again when known is of that user. The newest
 * LIMIT_RECENT_EVENTS events by index; of a user who has more, as many purchases, as many touches of weight (what is
 * not as light as a view), and as many others, impressions and searches aside, of the newest EVENTS_WINDOW: so a
 * purchase is not forgotten for two hundred products that were shown since. What was bought before these, within the
 * newest EVENTS_BOUGHT events, is told as items alone, up to EVENTS_PURCHASES. `palate recommend` uses the same windows (cli/evaluate/file_ranker.c). */
bool events_read_recent(struct database *db, struct arena *arena, const struct tenant *tenant,
                        const char *user_id, const struct recent_events *known, struct recent_events *recent,
                        struct error *error) __attribute__((nonnull(1, 2, 3, 4, 6, 7), warn_unused_result));

/* For statements that read them along with something else: what they select of an event e, and how a row of
 * it is read from that column on. Its weight is to be applied (event_types.h). */
#define EVENT_COLUMNS "e.item_id, e.occurred_at, e.event_type_id, e.factor"
void events_read_row(struct query *query, unsigned column, struct arena *arena, struct event_row *row)
    __attribute__((nonnull));

enum {
    EVENTS_WINDOW = 10000,   /* the newest events of a user that are looked at: a walk along an index */
    EVENTS_BOUGHT = 50000,   /* the same for purchases */
    EVENTS_PURCHASES = 10000 /* the most of these that are read */
};

/* The ids of items on which the user has events at or after `since` (Unix milliseconds); impressions count where
 * they are wanted. All of the window: at most LIMIT_VIEWED_ITEMS items, those with the newest events. */
bool events_read_viewed(struct database *db, struct arena *arena, const struct tenant *tenant,
                        const char *user_id, int64_t since, bool impressions, const char ***item_ids,
                        size_t *count, struct error *error) __attribute__((nonnull, warn_unused_result));

/* ---- For the tool */

/* Calls each(context, ...) for every event of the tenant in the order of their numbers; weight is its
 * type's times its own factor, -100 to 100, occurred_at Unix milliseconds. Texts live until the call returns;
 * each returns false to stop early. The arena is reset for every row. */
typedef bool admin_event_each(void *context, const char *user_id, const char *item_id, double weight,
                              int64_t occurred_at);
bool admin_events_stream(struct database *db, struct arena *arena, uint32_t tenant_id, admin_event_each *each,
                         void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 6), warn_unused_result));

#endif
