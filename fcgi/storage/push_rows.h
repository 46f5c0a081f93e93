/* What another recommender receives of a tenant: items, users and events, for the command line tool.
 *
 * In batches, for `palate push`: of items by their revision, which become visible in their order, and of
 * events by their number. Numbers are given out before the transaction ends, so events are read with shared
 * locks: a batch waits for inserts under way, and none is passed over. Whole and streamed, for
 * `palate export`. Texts live in the arena. */
#ifndef PALATE_STORAGE_PUSH_ROWS_H
#define PALATE_STORAGE_PUSH_ROWS_H

#include "storage/push_positions.h"

struct push_item {
    const char *id, *name, *metadata;
    bool active, deleted;
    uint64_t revision;
    int64_t created;    /* Unix seconds */
    int64_t first_sale; /* the same; 0: none known. Not read with the item */
};

struct push_user {
    const char *id, *name; /* name "": none is known */
};

struct push_event {
    uint64_t id;
    const char *user_id, *item_id, *type;
    int weight; /* of its type, -100 to 100 */
    bool is_purchase;
    int64_t quantity;    /* pieces */
    int64_t occurred_at; /* Unix milliseconds */
};

/* All that a user did with an item: purchases, or the rest. */
struct push_total {
    const char *user_id, *item_id;
    bool is_purchase;
    int64_t pieces, events;
    int64_t latest; /* Unix milliseconds */
};

struct push_first_sale {
    const char *item_id;
    int64_t at; /* Unix milliseconds */
};

/* Up to limit items behind the position, up to the revision `last`, in the order of (revision, id). */
bool push_items_read(struct database *db, struct arena *arena, uint32_t tenant_id,
                     const struct push_position *after, uint64_t last, size_t limit, struct push_item **items,
                     size_t *count, struct error *error) __attribute__((nonnull, warn_unused_result));

/* Up to limit events with after < number <= last, in the order of their numbers. */
bool push_events_read(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t after,
                      uint64_t last, size_t limit, struct push_event **events, size_t *count,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

/* Users of the events with after < number <= last who have no event before those. */
bool push_users_read(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t after,
                     uint64_t last, struct push_user **users, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Calls each(context, total) for all totals, up to the number `last`, of the users who have an event with
 * after < number <= last, in no order, of events that count: a weight above 0, no impressions. A total lives
 * until the call returns; the arena is reset for every one. */
typedef void push_total_each(void *context, const struct push_total *total);
bool push_totals_stream(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t after,
                        uint64_t last, push_total_each *each, void *context, struct error *error)
    __attribute__((nonnull(1, 2, 6, 8), warn_unused_result));

/* The first purchase of each item, in no order. Reads all events. */
bool push_first_sales_read(struct database *db, struct arena *arena, uint32_t tenant_id,
                           struct push_first_sale **sales, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Number of the newest event, 0 when there is none, and how many microseconds ago it arrived. */
bool push_events_newest(struct database *db, uint32_t tenant_id, uint64_t *id, int64_t *age_us,
                        struct error *error) __attribute__((nonnull, warn_unused_result));

/* Moves the position to before the first item that changed, and the first event that arrived, at this moment
 * (Unix milliseconds) or later; behind everything where there is none. */
bool push_position_since(struct database *db, uint32_t tenant_id, int64_t since, uint64_t revision,
                         struct push_position *position, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* How many items and events stand behind the position. */
bool push_position_lag(struct database *db, uint32_t tenant_id, const struct push_position *position,
                       uint64_t *items, uint64_t *events, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Calls each(context, row) for every item that is not deleted, in the order of ids; and for every event, in
 * the order of users, with the name of the user. A row lives until the call returns; each returns false to
 * stop early. The arena is reset for every row. */
typedef bool push_item_each(void *context, const struct push_item *item);
typedef bool push_event_each(void *context, const struct push_event *event, const char *user_name);
bool push_items_stream(struct database *db, struct arena *arena, uint32_t tenant_id, push_item_each *each,
                       void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 6), warn_unused_result));
bool push_events_stream(struct database *db, struct arena *arena, uint32_t tenant_id, push_event_each *each,
                        void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 6), warn_unused_result));

#endif
