/* Events as the API writes them: the resource, what is stored as metadata, and the answers to a call. */
#ifndef PALATE_API_EVENTS_JSON_H
#define PALATE_API_EVENTS_JSON_H

#include "api/events/parse.h"
#include "base/json_write.h"
#include "storage/events_list.h"
#include "storage/events_write.h"

/* What is stored as an event's metadata: JSON text of an object, NULL when there is nothing; and where in it the
 * object stands that is named after the event's type, which an answer has twice. */
struct event_metadata {
    const char *text;
    const char *payload; /* length 0: none, or a member of the resource has its name */
    size_t payload_length;
};

/* The event's metadata with the object among its other members that is named after the type. False when that
 * is no object; type must live as long as the error. Texts are the event's or the arena's. */
bool event_metadata(struct arena *arena, const struct event_input *event, const char *type,
                    struct event_metadata *metadata, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Metadata as it is stored, of an event of that type, in the arena. Text that is no object, which this API never
 * stores, becomes NULL, as NULL does, and is shown as {}. */
struct event_metadata event_stored_metadata(struct arena *arena, const char *stored, const char *type)
    __attribute__((nonnull(1, 3), warn_unused_result));

/* Writes the event resource of an event as it is stored, as the next entry of a list or as the whole. Metadata
 * that is no JSON object is shown as {}. */
void event_write_stored(struct json_writer *out, const struct listed_event *event) __attribute__((nonnull));

/* One entry of a call and what became of it. */
struct event_entry {
    struct event_input input;
    bool refused;
    enum error_code code;
    const char *message; /* why */
    const char *type;    /* name of the type */
    struct event_metadata metadata;
    struct new_event *row; /* what was stored */
};

struct event_call {
    const struct event_entry *entries;
    size_t count;
    bool is_list; /* the body was an array */
};

/* The answer below /v1: the list envelope and what became of the call. The texts of the entries are shared
 * where out shares. */
void event_call_answer(struct json_writer *out, const struct event_call *call, const char *url)
    __attribute__((nonnull));

/* The answer of the unversioned path. */
void event_call_answer_plain(struct json_writer *out, const struct event_call *call) __attribute__((nonnull));

#endif
