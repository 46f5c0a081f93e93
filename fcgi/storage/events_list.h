/* Events as the API shows them: one by its number, or a page of them by filters, in the order of their
 * numbers.
 *
 * A page is found from its first number on (keyset), by the index of the narrowest filter: request, session,
 * user, item or type, in this order; other filters are checked row by row. */
#ifndef PALATE_STORAGE_EVENTS_LIST_H
#define PALATE_STORAGE_EVENTS_LIST_H

#include "storage/database.h"

struct listed_event {
    uint64_t id;
    const char *user_id;
    const char *item_id; /* "": a search */
    const char *type;    /* its name; the number when the type has been deleted */
    const char *session_id, *request_id, *context_id, *placement; /* NULL: not given */
    const char *metadata;                                         /* JSON object, NULL: empty */
    int64_t occurred_at;                                          /* Unix milliseconds */
    int64_t received_at;                                          /* Unix seconds */
};

struct event_filters {
    const char *user_id, *item_id, *session_id, *request_id; /* NULL: any */
    uint32_t type_id;                                        /* 0: any */
    int64_t occurred_from, occurred_to;                      /* Unix milliseconds, both included */
    uint64_t beyond; /* only numbers above it, or below it when descending */
    bool descending;
};

/* *found says whether there is one. */
bool events_find(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t event_id,
                 struct listed_event *event, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* At most limit events; the list lives in the arena. */
bool events_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                 const struct event_filters *filters, size_t limit, struct listed_event **events,
                 size_t *count, struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
