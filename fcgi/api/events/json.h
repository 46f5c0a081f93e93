/* Events as the API writes them: the resource, what is stored as metadata, and the answers to a call. */
#ifndef PALATE_API_EVENTS_JSON_H
#define PALATE_API_EVENTS_JSON_H

#include "api/events/parse.h"
#include "base/json_write.h"
#include "storage/events_list.h"
#include "storage/events_write.h"

/* metadata, context_id and the object named after the type, in one object; of a search also its query and
 * result_item_ids. NULL when there is nothing. The caller owns it. payload may be NULL. */
struct json_object *event_metadata(const struct event_input *event, const char *type,
                                   struct json_object *payload) __attribute__((nonnull(1, 2)));

/* Stored metadata as an object of the arena. Text that is none, which this API never stores, becomes NULL, as
 * NULL does, and is shown as {}. */
struct json_object *event_stored_metadata(struct arena *arena, const char *text)
    __attribute__((nonnull(1), warn_unused_result));

/* Writes the event resource as the next entry of a list, or as the whole. metadata (NULL: {}) and its text as
 * json_text() makes it are used in place of event->metadata, which is not read. */
void event_write(struct json_writer *out, const struct listed_event *event, struct json_object *metadata,
                 const char *written) __attribute__((nonnull(1, 2)));

/* One entry of a call and what became of it. */
struct event_entry {
    struct event_input input;
    bool refused;
    enum error_code code;
    const char *message; /* why */
    const char *type;    /* name of the type */
    struct json_object *metadata;
    struct new_event *row; /* what was stored */
};

struct event_call {
    const struct event_entry *entries;
    size_t count;
    bool is_list; /* the body was an array */
};

/* The answer below /v1: the list envelope and what became of the call. Text of the arena, as the other. */
const char *event_call_answer(struct arena *arena, const struct event_call *call, const char *url)
    __attribute__((nonnull, returns_nonnull));

/* The answer of the unversioned path. */
const char *event_call_answer_plain(struct arena *arena, const struct event_call *call)
    __attribute__((nonnull, returns_nonnull));

#endif
