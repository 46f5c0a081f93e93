/* One event as callers write it; see parse.h.
 *
 * Clients of several generations spell the fields differently, and some send two spellings at once. The
 * members are sorted into fields first, by one table; from there on each field is a value and the name by
 * which the caller knows it, which is what error messages use. All fields are checked even when one is wrong,
 * so that an integrator sees every problem of an event in one answer. */
#include "api/events/parse.h"

#include "base/json.h"
#include "base/moment.h"
#include "base/text.h"
#include "request/parameters.h"

#include <math.h>
#include <string.h>

enum { LIMIT_FACTOR = 100 };

enum field {
    FIELD_USER,
    FIELD_ITEM,
    FIELD_TYPE,
    FIELD_CONTEXT,
    FIELD_SESSION,
    FIELD_REQUEST,
    FIELD_PLACEMENT,
    FIELD_TIME,
    FIELD_DEDUPLICATION,
    FIELD_METADATA,
    FIELD_WEIGHT,
    FIELD_QUERY,
    FIELD_RESULTS,
    FIELD__MAX
};

/* Every spelling; of those of one field the first that is present counts. */
static const struct spelling {
    const char *name;
    enum field field;
} spellings[] = {
    {"user_id", FIELD_USER},
    {"userId", FIELD_USER},
    {"anonymous_id", FIELD_USER},
    {"anonymousId", FIELD_USER},
    {"item_id", FIELD_ITEM},
    {"itemId", FIELD_ITEM},
    {"entity_id", FIELD_ITEM},
    {"entityId", FIELD_ITEM},
    {"type", FIELD_TYPE},
    {"event_type", FIELD_TYPE},
    {"eventType", FIELD_TYPE},
    {"event_id", FIELD_TYPE},
    {"eventId", FIELD_TYPE},
    {"event", FIELD_TYPE},
    {"context_id", FIELD_CONTEXT},
    {"contextId", FIELD_CONTEXT},
    {"session_id", FIELD_SESSION},
    {"sessionId", FIELD_SESSION},
    {"request_id", FIELD_REQUEST},
    {"requestId", FIELD_REQUEST},
    {"placement", FIELD_PLACEMENT},
    {"occurred_at", FIELD_TIME},
    {"occurredAt", FIELD_TIME},
    {"timestamp", FIELD_TIME},
    {"client_ts", FIELD_TIME},
    {"clientTs", FIELD_TIME},
    {"deduplication_id", FIELD_DEDUPLICATION},
    {"deduplicationId", FIELD_DEDUPLICATION},
    {"idempotency_key", FIELD_DEDUPLICATION},
    {"idempotencyKey", FIELD_DEDUPLICATION},
    {"message_id", FIELD_DEDUPLICATION},
    {"messageId", FIELD_DEDUPLICATION},
    {"metadata", FIELD_METADATA},
    {"weight", FIELD_WEIGHT},
    {"query", FIELD_QUERY},
    {"result_item_ids", FIELD_RESULTS},
    {"resultItemIds", FIELD_RESULTS},
};
enum { SPELLINGS = sizeof(spellings) / sizeof(spellings[0]) };

/* Where the fields of an entry were found. */
struct fields {
    struct json_object *entry;
    struct json_object *values[FIELD__MAX]; /* NULL: absent */
    const char *names[FIELD__MAX]; /* as the caller spelled it; the first spelling where it is absent */
    bool has_others;               /* members that are no fields */
};

/* The first letters differ in most pairs, so few comparisons go beyond one byte. */
static size_t find_spelling(const char *name)
{
    for (size_t i = 0; i < SPELLINGS; i++) {
        if (spellings[i].name[0] == name[0] && !strcmp(spellings[i].name, name))
            return i;
    }
    return SPELLINGS;
}

/* One walk over the members: looking up each of the spellings in the object costs far more. */
static void find_fields(struct json_object *entry, struct fields *fields)
{
    size_t best[FIELD__MAX];
    *fields = (struct fields){.entry = entry};
    for (size_t i = SPELLINGS; i-- > 0;) {
        fields->names[spellings[i].field] = spellings[i].name;
        best[spellings[i].field] = SPELLINGS;
    }
    json_object_object_foreach(entry, key, member)
    {
        size_t found = member ? find_spelling(key) : SPELLINGS;
        fields->has_others = fields->has_others || (member && found == SPELLINGS);
        /* null counts as absent; of two spellings the one that stands first in the table wins. */
        if (found == SPELLINGS || found > best[spellings[found].field])
            continue;
        best[spellings[found].field] = found;
        fields->values[spellings[found].field] = member;
        fields->names[spellings[found].field] = spellings[found].name;
    }
}

static bool read_required(struct arena *arena, const struct fields *fields, enum field field, size_t maximum,
                          const char **text, struct error *error)
{
    if (!fields->values[field])
        return error_missing(error, fields->names[field]);
    return parameter_id(fields->values[field], fields->names[field], maximum, arena, text, error);
}

/* Text of blanks counts as absent, like an empty field of a form. */
static bool read_optional(struct arena *arena, const struct fields *fields, enum field field, size_t maximum,
                          const char **text, struct error *error)
{
    struct json_object *value = fields->values[field];
    if (json_object_is_type(value, json_type_string)) {
        const char *given = json_object_get_string(value);
        if (strspn(given, " \t") == (size_t)json_object_get_string_len(value))
            return true;
    }
    return parameter_id(value, fields->names[field], maximum, arena, text, error);
}

/* A whole number tells its unit by its size (base/moment.h); fractions and text go through their text form. */
bool event_time_parse(struct json_object *value, const char *field, int64_t *milliseconds,
                      struct error *error)
{
    bool typed = json_object_is_type(value, json_type_string) || json_object_is_type(value, json_type_double);
    if (json_object_is_type(value, json_type_int)
            ? moment_of_number(json_object_get_int64(value), milliseconds)
            : typed && moment_parse(json_object_get_string(value), milliseconds))
        return true;
    return error_field(error, field, MOMENT_RULE);
}

/* The time is that of the first spelling that is present. client_ts is also kept as it was written, since it
 * is part of what makes an event the same as one sent before (key.h); where it is not the time, it is
 * checked. */
static bool read_time(struct event_input *event, const struct fields *fields, struct error *error)
{
    static const char *const names[] = {"client_ts", "clientTs", NULL};
    struct json_object *value = fields->values[FIELD_TIME];
    const char *field;
    event->has_time = value;
    if (value && !event_time_parse(value, fields->names[FIELD_TIME], &event->occurred_at, error))
        return false;
    struct json_object *client_time = parameter_first(fields->entry, names, &field);
    if (!client_time)
        return true;
    int64_t ignored;
    event->client_ts = json_object_get_string(client_time);
    return client_time == value || event_time_parse(client_time, field, &ignored, error);
}

static struct json_object *list_ids(const char **ids, size_t count)
{
    struct json_object *list = json_object_new_array_ext((int)count);
    for (size_t i = 0; i < count; i++)
        json_object_array_add(list, json_object_new_string(ids[i]));
    return list;
}

/* What is to be stored as metadata is made in the caller's own object, or in one that becomes a member of the
 * entry, so that it ends with the entry. */
static bool read_metadata(struct event_input *event, const struct fields *fields, struct error *error)
{
    struct json_object *metadata = json_member_object(fields->entry, "metadata");
    if (metadata && !json_object_is_type(metadata, json_type_object))
        return error_field(error, "metadata", "must be an object");
    if (!metadata && (event->context_id || event->query)) {
        metadata = json_object_new_object();
        json_add(fields->entry, "metadata", metadata);
    }
    if (event->context_id)
        json_add_text(metadata, "context_id", event->context_id);
    if (event->query)
        json_add_text(metadata, "query", event->query);
    if (event->query && event->result_item_count)
        json_add(metadata, "result_item_ids", list_ids(event->result_items, event->result_item_count));
    event->metadata = metadata ? json_text(metadata) : NULL;
    return true;
}

/* "weight" multiplies the weight of the event's type, and goes to the database as decimal text. Text with a
 * zero character is refused: strlen() sees less of it than JSON has. */
static bool read_factor(struct event_input *event, const struct fields *fields, struct arena *arena,
                        struct error *error)
{
    struct json_object *value = fields->values[FIELD_WEIGHT];
    double number = 0;
    if (!value)
        return true;
    bool good = json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
    if (good)
        number = json_object_get_double(value);
    else if (json_object_is_type(value, json_type_string))
        good = strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value) &&
               text_to_double(json_object_get_string(value), &number);
    if (!good || !(fabs(number) <= LIMIT_FACTOR))
        return error_field(error, "weight", "must be a number from -%d to %d", LIMIT_FACTOR, LIMIT_FACTOR);
    event->factor = arena_format(arena, "%.9g", number);
    return true;
}

/* What a search has shown, in order; ids may be text or whole numbers, as everywhere. */
static bool read_results(struct event_input *event, const struct fields *fields, struct arena *arena,
                         struct error *error)
{
    const char *field = fields->names[FIELD_RESULTS];
    struct json_object *list = fields->values[FIELD_RESULTS];
    if (!list)
        return true;
    if (!json_object_is_type(list, json_type_array))
        return error_field(error, field, "must be a list of item ids");
    size_t count = json_object_array_length(list);
    if (count > LIMIT_RESULT_ITEMS)
        return error_field(error, field, "must have at most %d ids", LIMIT_RESULT_ITEMS);
    event->result_items = arena_alloc(arena, count ? count : 1, sizeof(*event->result_items));
    for (size_t i = 0; i < count; i++) {
        struct json_object *id = json_object_array_get_idx(list, i);
        if (!id)
            return error_field(error, arena_format(arena, "%s[%zu]", field, i), "must be an item id");
        if (!parameter_id(id, arena_format(arena, "%s[%zu]", field, i), LIMIT_ID_CHARACTERS, arena,
                          &event->result_items[i], error))
            return false;
    }
    event->result_item_count = count;
    return true;
}

/* An event without an item, of the type named "search"; its text is stored as metadata. */
static bool read_search(struct event_input *event, const struct fields *fields, struct arena *arena,
                        struct error *error)
{
    const char *text = NULL;
    event->type = "search";
    event->type_field = "query";
    if (!parameter_text(fields->values[FIELD_QUERY], "query", TEXT_FREE, LIMIT_NAME_CHARACTERS, &text, error))
        return false;
    while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r')
        text++;
    if (!*text)
        return error_field(error, "query", "must not be empty");
    event->query = text;
    return read_results(event, fields, arena, error);
}

/* What happened: a type and an item, or, where there is a query and no item, a search. */
static bool read_subject(struct event_input *event, const struct fields *fields, struct arena *arena,
                         struct error *error)
{
    if (!fields->values[FIELD_ITEM] && fields->values[FIELD_QUERY])
        return read_search(event, fields, arena, error);
    event->item_field = fields->names[FIELD_ITEM];
    event->type_field = fields->names[FIELD_TYPE];
    bool good = read_required(arena, fields, FIELD_ITEM, LIMIT_ID_CHARACTERS, &event->item_id, error);
    return read_required(arena, fields, FIELD_TYPE, LIMIT_EVENT_TYPE_CHARACTERS, &event->type, error) && good;
}

static bool read_names(struct event_input *event, const struct fields *fields, struct arena *arena,
                       struct error *error)
{
    enum { MAXIMUM = LIMIT_ID_CHARACTERS };
    bool good = read_optional(arena, fields, FIELD_CONTEXT, MAXIMUM, &event->context_id, error);
    good = read_optional(arena, fields, FIELD_SESSION, MAXIMUM, &event->session_id, error) && good;
    good = read_optional(arena, fields, FIELD_REQUEST, MAXIMUM, &event->request_id, error) && good;
    good = read_optional(arena, fields, FIELD_PLACEMENT, MAXIMUM, &event->placement, error) && good;
    return read_optional(arena, fields, FIELD_DEDUPLICATION, LIMIT_DEDUPLICATION_CHARACTERS,
                         &event->deduplication, error) &&
           good;
}

static const char *keep(struct arena *arena, struct json_list *list, const char *text)
{
    return list ? json_list_keep(list, arena, text) : text ? arena_copy_text(arena, text) : NULL;
}

/* From here on the event needs its JSON no more. What is left of the entry without our fields is kept as text,
 * since only the tenant's types tell which of it belongs to the event. */
static void keep_texts(struct event_input *event, const struct fields *fields, struct arena *arena,
                       struct json_list *list)
{
    const char **const texts[] = {&event->user_id,    &event->item_id,    &event->type,
                                  &event->context_id, &event->session_id, &event->request_id,
                                  &event->placement,  &event->query,      &event->deduplication,
                                  &event->client_ts,  &event->factor,     &event->metadata};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = keep(arena, list, *texts[i]);
    for (size_t i = 0; i < event->result_item_count; i++)
        event->result_items[i] = keep(arena, list, event->result_items[i]);
    for (size_t i = 0; fields->has_others && i < SPELLINGS; i++)
        json_object_object_del(fields->entry, spellings[i].name);
    event->others = fields->has_others ? keep(arena, list, json_text(fields->entry)) : NULL;
}

bool event_parse(struct arena *arena, struct json_list *list, struct json_object *entry,
                 struct event_input *event, struct error *error)
{
    struct fields fields;
    *event = (struct event_input){0};
    if (!json_object_is_type(entry, json_type_object))
        return error_set(error, ERROR_VALIDATION, "An event must be a JSON object");
    find_fields(entry, &fields);
    event->is_visitor = fields.names[FIELD_USER][0] == 'a'; /* anonymous_id */
    bool good = read_required(arena, &fields, FIELD_USER, LIMIT_ID_CHARACTERS, &event->user_id, error);
    good = read_subject(event, &fields, arena, error) && good;
    good = read_names(event, &fields, arena, error) && good;
    good = read_time(event, &fields, error) && good;
    good = read_metadata(event, &fields, error) && good;
    good = read_factor(event, &fields, arena, error) && good;
    if (good)
        keep_texts(event, &fields, arena, list);
    else
        *event = (struct event_input){0}; /* nothing of a refused event is looked at */
    return good;
}

bool event_has_field(const char *name)
{
    return find_spelling(name) < SPELLINGS;
}
