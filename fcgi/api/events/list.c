/* GET /v1/events and GET /v1/events/{id}; see list.h.
 *
 * A page is read with one row more than it shows: that row says whether another page follows, without
 * counting rows of a table that may have many millions. The cursor is the id of the last event shown; ids
 * rise in the order of arrival, so what other callers record meanwhile does not shift the pages. */
#include "api/events/list.h"

#include "api/events/json.h"
#include "api/events/known_items.h"
#include "api/events/parse.h"
#include "api/list_envelope.h"
#include "base/id_prefix.h"
#include "base/text.h"
#include "request/authenticate.h"
#include "request/parameters.h"
#include "storage/event_types.h"
#include "storage/events_list.h"

#include <inttypes.h>
#include <string.h>

struct list_parameters {
    struct event_filters filters;
    const char *type; /* NULL: any */
    size_t limit;
};

bool event_id_parse(const char *text, uint64_t *id)
{
    int64_t number;
    text = id_without_prefix(ID_OF_EVENT, text);
    /* A leading zero, sign or blank would be a second name for the same event. */
    if (*text < '1' || *text > '9' || !text_to_int64(text, &number))
        return false;
    *id = (uint64_t)number;
    return true;
}

/* Without a cursor a page begins beyond the end that comes first in its order. */
static bool read_cursor(struct request *request, struct event_filters *filters)
{
    const char *text = NULL;
    struct json_object *value = json_member(request->merged, "starting_after");
    if (!parameter_id(value, "starting_after", LIMIT_ID_CHARACTERS, request->arena, &text, &request->error))
        return false;
    if (!text)
        filters->beyond = filters->descending ? UINT64_MAX : 0;
    else if (!event_id_parse(text, &filters->beyond))
        return error_set(&request->error, ERROR_INVALID_CURSOR, "starting_after must be the id of an event");
    return true;
}

static bool read_order(struct request *request, bool *descending)
{
    const char *text = NULL;
    if (!parameter_text(json_member(request->merged, "order"), "order", TEXT_FREE, LIMIT_ID_CHARACTERS, &text,
                        &request->error))
        return false;
    *descending = text && !strcmp(text, "desc");
    return !text || *descending || !strcmp(text, "asc") ||
           error_field(&request->error, "order", "must be asc or desc");
}

/* 0 is how callers write that there is no lower bound. No event is so old, and no time that one could have. */
static bool is_zero(struct json_object *value)
{
    return value && !strcmp(json_object_get_string(value), "0");
}

/* Answers show whole seconds. So an upper bound in whole seconds includes every event that is shown with that
 * second, whatever its milliseconds. */
static bool read_times(struct request *request, struct event_filters *filters)
{
    struct json_object *after = json_member(request->merged, "occurred_after");
    struct json_object *before = json_member(request->merged, "occurred_before");
    filters->occurred_from = INT64_MIN;
    filters->occurred_to = INT64_MAX;
    if (after && !is_zero(after) &&
        !event_time_parse(after, "occurred_after", &filters->occurred_from, &request->error))
        return false;
    if (!before)
        return true;
    if (!event_time_parse(before, "occurred_before", &filters->occurred_to, &request->error))
        return false;
    filters->occurred_to += filters->occurred_to % 1000 ? 0 : 999;
    return true;
}

static bool read_id(struct request *request, const char *field, size_t maximum, const char **text)
{
    return parameter_id(json_member(request->merged, field), field, maximum, request->arena, text,
                        &request->error);
}

bool events_list_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct list_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    struct event_filters *filters = &parameters->filters;
    request->parameters = parameters;
    static const char *const kept[] = {"user_id", NULL}; /* else it would be the events of all users */
    parameters_drop_empty(request->merged, kept);
    bool good = parameter_page(request->merged, &parameters->limit, &request->error);
    good = read_order(request, &filters->descending) && good;
    good = read_cursor(request, filters) && good;
    good = read_id(request, "user_id", LIMIT_ID_CHARACTERS, &filters->user_id) && good;
    good = read_id(request, "item_id", LIMIT_ID_CHARACTERS, &filters->item_id) && good;
    good = read_id(request, "session_id", LIMIT_ID_CHARACTERS, &filters->session_id) && good;
    good = read_id(request, "request_id", LIMIT_ID_CHARACTERS, &filters->request_id) && good;
    good = read_id(request, "type", LIMIT_EVENT_TYPE_CHARACTERS, &parameters->type) && good;
    /* A person's token lists that person's events, whether it says so or not. */
    if (!filters->user_id)
        filters->user_id = person_of(request);
    good = person_may_name(request, filters->user_id) && good;
    return read_times(request, filters) && good;
}

static void write_page(struct request *request, const struct listed_event *events, size_t count, size_t limit)
{
    struct json_writer *out = request_writer(request);
    bool more = events && count > limit;
    list_envelope_begin(out);
    for (size_t i = 0; events && i < count && i < limit; i++)
        event_write_stored(out, &events[i]);
    const char *next = more ? arena_format(request->arena, "%" PRIu64, events[limit - 1].id) : NULL;
    request->result_count = !events ? 0 : more ? limit : count;
    list_envelope_end(out, more, next, request->path);
    json_writer_end(out);
    request->answer = json_writer_result(out);
}

/* Where few events match a second filter or a far time, many are looked at before a page is full; the request
 * is to blame for that and not the database, and to try it again does not help. */
static bool refuse_slow(const struct worker *worker, struct error *error)
{
    if (error->code != ERROR_DATABASE || !database_ran_out_of_time(worker->db))
        return false;
    error_clear(error);
    return error_set(
        error, ERROR_TOO_EXPENSIVE,
        "Too many events would have to be looked at; ask for fewer, by a user, a session, a request, an "
        "item or a type");
}

/* Events are stored with the ids of the catalogue, so an id with a prefix stands for what it stood for when they
 * came. An id without one costs nothing. */
static bool find_item_id(struct worker *worker, struct request *request, struct event_filters *filters)
{
    const char *candidates[ID_CANDIDATES];
    bool exists;
    return !filters->item_id || id_candidates(ID_OF_ITEM, filters->item_id, candidates) == 1 ||
           known_items_look_up(worker->db, request->arena, &request->tenant, &filters->item_id, 1, &exists,
                               &request->error);
}

/* A type is given by its name, or by its number, which only the database can tell apart. */
bool events_list_answer(struct worker *worker, struct request *request)
{
    struct list_parameters *parameters = request->parameters;
    struct event_filters *filters = &parameters->filters;
    struct listed_event *events = NULL;
    size_t count = 0;
    const struct event_type *type = NULL;
    if (!find_item_id(worker, request, filters))
        return false;
    if (parameters->type &&
        !event_types_find(worker->db, &request->tenant, parameters->type, &type, &request->error))
        return false;
    bool is_unknown = parameters->type && !type; /* no event can have it */
    filters->type_id = type ? type->id : 0;
    if (!is_unknown && !events_list(worker->db, request->arena, request->tenant.id, filters,
                                    parameters->limit + 1, &events, &count, &request->error))
        return refuse_slow(worker, &request->error);
    write_page(request, events, count, parameters->limit);
    return true;
}

bool event_read_check(struct worker *worker, struct request *request)
{
    (void)worker;
    uint64_t *id = arena_alloc(request->arena, 1, sizeof(*id));
    request->parameters = id;
    return event_id_parse(request->path_id, id) ||
           error_set(&request->error, ERROR_INVALID_ID, "The id of an event is a number");
}

bool event_read_answer(struct worker *worker, struct request *request)
{
    const uint64_t *id = request->parameters;
    struct listed_event event;
    bool found;
    if (!events_find(worker->db, request->arena, request->tenant.id, *id, &event, &found, &request->error))
        return false;
    /* A person's token is not told whether somebody else has an event of that number. */
    if (!person_may_name(request, found ? event.user_id : NULL))
        return false;
    if (!found)
        return error_set(&request->error, ERROR_EVENT_NOT_FOUND, "There is no event %" PRIu64, *id);
    request->result_count = 1;
    struct json_writer *out = request_writer(request);
    event_write_stored(out, &event);
    request->answer = json_writer_result(out);
    return true;
}
