/* One event as callers write it, with all spellings of its fields, read and checked. Pure: no database, no
 * clock.
 *
 * Of the spellings of a field the first that is present counts and the others are never looked at: clients
 * send several at once. Whether type and item are known is not decided here. */
#ifndef PALATE_API_EVENTS_PARSE_H
#define PALATE_API_EVENTS_PARSE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json_list.h"

#include <stdbool.h>
#include <stdint.h>

struct event_input {
    const char *user_id;
    bool is_visitor;        /* it was spelled anonymous_id */
    const char *item_id;    /* NULL: a search */
    const char *type;       /* a type's name, or its number as digits */
    const char *type_field; /* how the caller spelled it */
    const char *item_field;
    const char *context_id, *session_id, *request_id, *placement; /* NULL: not given, or blank */
    const char *deduplication;                                    /* NULL: not given */
    const char *person;        /* whose token it came with, set by the caller; NULL: a client's */
    const char *client_ts;     /* as written; NULL: not given */
    const char *factor;        /* a number as text; NULL: not given */
    const char *query;         /* of a search */
    const char **result_items; /* what a search has shown */
    size_t result_item_count;
    bool has_time;
    int64_t occurred_at; /* Unix milliseconds, with has_time */
    /* JSON text of an object: metadata, with it context_id, and of a search its query and result_item_ids. NULL
     * when there is nothing. */
    const char *metadata;
    /* JSON text of an object: the members that are no fields, of which one may be named after the event's type,
     * as purchase: {amount, currency}. NULL: there are none. */
    const char *others;
};

/* Reads an event, or a search ({user_id, query, result_item_ids?} without an item). The entry is used up: its
 * members change, but it stays the caller's. Texts live in the room of the entry that was parsed last from the
 * list, or without a list in the arena. NULL is JSON null. False with an error that names the field. */
bool event_parse(struct arena *arena, struct json_list *list, struct json_object *entry,
                 struct event_input *event, struct error *error)
    __attribute__((nonnull(1, 4, 5), warn_unused_result));

/* Whether a field of ours has this name. */
bool event_has_field(const char *name) __attribute__((nonnull, warn_unused_result));

/* Reads an event's time, a number or text: see base/moment.h. */
bool event_time_parse(struct json_object *value, const char *field, int64_t *milliseconds,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
