/* Events as the API writes them; see json.h.
 *
 * Events are written alike whether they were just recorded or are read from the table: a row that was stored
 * becomes a listed event first. What is kept as metadata is one object, made when an event arrives, so that
 * reading an event back needs no more than that text: the caller's metadata, the context as the caller wrote
 * it and the object under the type's name (purchase: {...}) are all in it.
 *
 * Between the arrival and the answer metadata is text, not a tree: a call has two hundred events, whose trees
 * would take many times as much. A text is parsed again only where the type's name occurs in it. */
#include "api/events/json.h"

#include "api/list_envelope.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Whether the JSON text that we wrote may have a member of this name: so few do that the others are not worth
 * parsing again. */
static bool may_have(const char *json, const char *name)
{
    return json && (name[strcspn(name, "\"\\")] || strstr(json, name));
}

static struct json_object *parse_object(const char *json)
{
    struct json_object *object = NULL;
    const char *problem;
    if (json && json_parse(json, strlen(json), &object, &problem) &&
        json_object_is_type(object, json_type_object))
        return object;
    json_object_put(object);
    return NULL;
}

/* The object under the type's name; an answer has it twice, unless a member of the resource has that name. */
static struct json_object *find_payload(struct json_object *metadata, const char *type)
{
    static const char *const members[] = {"id",        "object",     "user_id",     "item_id",
                                          "type",      "session_id", "request_id",  "context_id",
                                          "placement", "metadata",   "occurred_at", "created"};
    struct json_object *payload = json_member(metadata, type);
    if (!json_object_is_type(payload, json_type_object))
        return NULL;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (!strcmp(type, members[i]))
            return NULL;
    }
    return payload;
}

/* The payload's text stands in that of the whole, since both come of one tree. */
static void set_payload(struct event_metadata *metadata, struct json_object *payload)
{
    const char *text = payload && metadata->text ? json_text(payload) : NULL;
    metadata->payload = text ? strstr(metadata->text, text) : NULL;
    metadata->payload_length = metadata->payload ? strlen(text) : 0;
}

bool event_metadata(struct arena *arena, const struct event_input *event, const char *type,
                    struct event_metadata *metadata, struct error *error)
{
    bool named = !event_has_field(type) && may_have(event->others, type);
    struct json_object *others = named ? parse_object(event->others) : NULL;
    struct json_object *payload = json_member_object(others, type), *all = NULL;
    *metadata = (struct event_metadata){.text = event->metadata};
    if (payload && !json_object_is_type(payload, json_type_object)) {
        json_object_put(others);
        return error_field(error, type, "must be an object, as the field named after the type of the event");
    }
    if (payload || may_have(event->metadata, type))
        all = parse_object(event->metadata);
    if (payload) {
        all = all ? all : json_object_new_object();
        json_add(all, type, json_object_get(payload));
        metadata->text = arena_copy_text(arena, json_text(all));
    }
    set_payload(metadata, find_payload(all, type));
    json_object_put(all);
    json_object_put(others);
    return true;
}

struct event_metadata event_stored_metadata(struct arena *arena, const char *stored, const char *type)
{
    struct json_object *object = parse_object(stored);
    struct event_metadata metadata = {.text = object ? arena_copy_text(arena, json_text(object)) : NULL};
    set_payload(&metadata, find_payload(object, type));
    json_object_put(object);
    return metadata;
}

/* metadata takes the place of event->metadata, which is not read. */
static void write_event(struct json_writer *out, const struct listed_event *event,
                        const struct event_metadata *metadata)
{
    char id[INTEGER_TEXT_SIZE];
    text_of_uint64(event->id, id);
    json_writer_object(out, NULL);
    json_writer_id(out, "id", id);
    json_writer_text(out, "object", "event");
    json_writer_id(out, "user_id", event->user_id);
    if (*event->item_id)
        json_writer_id(out, "item_id", event->item_id);
    json_writer_text(out, "type", event->type);
    json_writer_text(out, "session_id", event->session_id);
    json_writer_text(out, "request_id", event->request_id);
    json_writer_id(out, "context_id", event->context_id);
    json_writer_text(out, "placement", event->placement);
    json_writer_written(out, "metadata", metadata->text ? metadata->text : "{}");
    json_writer_integer(out, "occurred_at", event->occurred_at / 1000);
    json_writer_integer(out, "created", event->received_at);
    if (metadata->payload_length)
        json_writer_part(out, event->type, metadata->payload, metadata->payload_length);
    json_writer_end(out);
}

/* One tree at a time: a page has a hundred. */
void event_write_stored(struct json_writer *out, const struct listed_event *event)
{
    struct json_object *stored = parse_object(event->metadata);
    struct event_metadata metadata = {.text = stored ? json_text(stored) : NULL};
    set_payload(&metadata, find_payload(stored, event->type));
    write_event(out, event, &metadata);
    json_object_put(stored);
}

struct totals {
    int64_t inserted, with_session, with_request, users;
};

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* How many different users the accepted events name. Sorting pointers is enough: a call has few events. */
static int64_t count_users(const struct event_call *call)
{
    const char *users[LIMIT_EVENT_BATCH] = {0};
    size_t count = 0;
    int64_t different = 0;
    for (size_t i = 0; i < call->count && count < LIMIT_EVENT_BATCH; i++) {
        if (!call->entries[i].refused)
            users[count++] = call->entries[i].input.user_id;
    }
    qsort(users, count, sizeof(users[0]), compare_texts);
    for (size_t i = 0; i < count; i++)
        different += !i || strcmp(users[i - 1], users[i]) != 0;
    return different;
}

static struct totals count_totals(const struct event_call *call)
{
    struct totals totals = {.users = count_users(call)};
    for (size_t i = 0; i < call->count; i++) {
        const struct event_entry *entry = &call->entries[i];
        if (entry->refused)
            continue;
        totals.inserted += entry->row->inserted;
        totals.with_session += entry->row->session_id != NULL;
        totals.with_request += entry->row->request_id != NULL;
    }
    return totals;
}

/* A repeated event is written as the one that is stored. */
static void write_entry(struct json_writer *out, const struct event_entry *entry)
{
    const struct new_event *row = entry->row;
    struct listed_event event = {.id = row->id,
                                 .user_id = row->user_id,
                                 .item_id = row->item_id,
                                 .type = entry->type,
                                 .session_id = row->session_id,
                                 .request_id = row->request_id,
                                 .context_id = row->context_id,
                                 .placement = row->placement,
                                 .occurred_at = row->occurred_at,
                                 .received_at = row->received_at};
    write_event(out, &event, &entry->metadata);
}

/* The refused entries of a list, by their place; nothing when there are none. */
static void write_errors(struct json_writer *out, const struct event_call *call)
{
    bool any = false;
    for (size_t i = 0; i < call->count; i++) {
        const struct event_entry *entry = &call->entries[i];
        if (!entry->refused)
            continue;
        if (!any)
            json_writer_list(out, "errors");
        any = true;
        json_writer_object(out, NULL);
        json_writer_integer(out, "index", (int64_t)i);
        json_writer_text(out, "code", error_name(entry->code));
        json_writer_text(out, "message", entry->message);
        json_writer_end(out);
    }
    if (any)
        json_writer_end(out);
}

/* A list of which no entry was accepted is no success, though its status is 200. */
static bool any_accepted(const struct event_call *call)
{
    for (size_t i = 0; i < call->count; i++) {
        if (!call->entries[i].refused)
            return true;
    }
    return false;
}

void event_call_answer(struct json_writer *out, const struct event_call *call, const char *url)
{
    const struct totals totals = count_totals(call);
    list_envelope_begin(out);
    for (size_t i = 0; i < call->count; i++) {
        if (!call->entries[i].refused)
            write_entry(out, &call->entries[i]);
    }
    list_envelope_end(out, false, NULL, url);
    json_writer_boolean(out, "success", any_accepted(call));
    json_writer_integer(out, "inserted", totals.inserted);
    json_writer_integer(out, "processed", (int64_t)call->count);
    json_writer_object(out, "session");
    json_writer_integer(out, "with_session_id", totals.with_session);
    json_writer_integer(out, "with_request_id", totals.with_request);
    json_writer_end(out);
    /* Nothing has to be refreshed: the next answer reads the events themselves. */
    json_writer_object(out, "embedding_refresh");
    json_writer_integer(out, "users_in_batch", totals.users);
    json_writer_boolean(out, "enqueued", false);
    json_writer_text(out, "mode", "async");
    json_writer_integer(out, "min_seconds", 0);
    json_writer_end(out);
    write_errors(out, call);
    json_writer_end(out);
}

/* null keeps the place of a refused event, so that ids and entries correspond. */
static void write_row_id(struct json_writer *out, const char *key, const struct event_entry *entry)
{
    json_writer_integer_or_null(out, key, !entry->refused, entry->refused ? 0 : (int64_t)entry->row->id);
}

void event_call_answer_plain(struct json_writer *out, const struct event_call *call)
{
    bool accepted = any_accepted(call);
    json_writer_object(out, NULL);
    json_writer_text(out, "message", accepted ? "Event recorded successfully" : "No event was recorded");
    json_writer_boolean(out, "success", accepted);
    write_row_id(out, "id", &call->entries[0]);
    if (call->is_list) {
        json_writer_list(out, "ids");
        for (size_t i = 0; i < call->count; i++)
            write_row_id(out, NULL, &call->entries[i]);
        json_writer_end(out);
    }
    json_writer_integer(out, "inserted", count_totals(call).inserted);
    json_writer_integer(out, "processed", (int64_t)call->count);
    write_errors(out, call);
    json_writer_end(out);
}
