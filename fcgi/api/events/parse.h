/* One event as callers write it, with all spellings of its fields, read and checked. Pure: no database, no
 * clock.
 *
 * Of the spellings of a field the first that is present counts and the others are never looked at: clients
 * send several at once. Whether type and item are known is not decided here. */
#ifndef PALATE_API_EVENTS_PARSE_H
#define PALATE_API_EVENTS_PARSE_H

#include "base/arena.h"
#include "base/error.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct event_input {
    struct json_object *entry; /* what the caller wrote */
    const char *user_id;
    bool is_visitor;        /* it was spelled anonymous_id */
    const char *item_id;    /* NULL: a search */
    const char *type;       /* a type's name, or its number as digits */
    const char *type_field; /* how the caller spelled it */
    const char *item_field;
    const char *context_id, *session_id, *request_id, *placement; /* NULL: not given, or blank */
    const char *deduplication;                                    /* NULL: not given */
    const char *client_ts;                                        /* as written; NULL: not given */
    const char *factor;                                           /* a number as text; NULL: not given */
    const char *query;                                            /* of a search */
    const char **result_items;                                    /* what a search has shown */
    size_t result_item_count;
    bool has_time;
    int64_t occurred_at;          /* Unix milliseconds, with has_time */
    struct json_object *metadata; /* NULL: not given */
};

/* Reads an event, or a search ({user_id, query, result_item_ids?} without an item). Texts live in the JSON or
 * the arena. NULL is JSON null. False with an error that names the field. */
bool event_parse(struct arena *arena, struct json_object *entry, struct event_input *event,
                 struct error *error) __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* The object that stands beside the other fields under the name of the event's type, such as
 * purchase: {amount, currency}; NULL in *payload when there is none. False when it is no object. A type that
 * is named like a field of ours has none. type must live as long as the error. */
bool event_payload(const struct event_input *event, const char *type, struct json_object **payload,
                   struct error *error) __attribute__((nonnull, warn_unused_result));

/* Reads an event's time: a number or text, Unix seconds (below 10^12), Unix milliseconds, or ISO 8601. */
bool event_time_parse(struct json_object *value, const char *field, int64_t *milliseconds,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
