/* POST /v1/events and /events; see events.h.
 *
 * The check parses every entry, one at a time and without a query, so that a call which cannot be taken costs
 * none. The answer then looks up the types and items that the entries name, mostly among those that this
 * process keeps (storage/event_types.h, known_items.h), makes one row for each good entry, and stores all rows
 * in one transaction. An entry that was refused stays in the list with its reason; one list of entries serves
 * the call from the parsing to the answer.
 *
 * A search event also says which items it has shown; each of those that exists becomes a row of its own, an
 * impression. These rows stand behind those of the entries: event_keys_next() counts entries.
 *
 * What was sent before is answered as it is stored. Under a deduplication id only the same event can come
 * again; with another user, item or type it is refused, and so are the impressions of such a search: they are
 * stored only along with it, which takes a second statement and so a transaction. */
#include "api/events/events.h"

#include "api/events/json.h"
#include "api/events/key.h"
#include "api/events/known_items.h"
#include "base/clock.h"
#include "request/authenticate.h"
#include "request/read_parameters.h"
#include "storage/event_types.h"
#include "storage/events_store.h"
#include "storage/quotas.h"

#include <string.h>

enum { ADD_TYPE_TRIES = 5 };

struct recording {
    struct worker *worker;
    struct request *request;
    struct event_entry *entries;
    size_t count, accepted;
    bool is_list;
    bool *items; /* whether they exist: one for each entry, then one for each result of a search */
    int64_t now; /* Unix milliseconds */
    struct new_event *rows;
    size_t row_count;
};

/* ---- What the caller sent */

/* A refused entry of a list is reported in the answer; a single event that is refused fails the request. */
static void refuse_entry(struct recording *recording, struct event_entry *entry, const struct error *error)
{
    entry->refused = true;
    entry->code = error->code;
    entry->message = arena_copy_text(recording->request->arena, error->message);
    recording->accepted--;
    if (!recording->is_list)
        recording->request->error = *error;
}

static void parse_entry(struct recording *recording, size_t index, struct json_object *json)
{
    struct event_entry *entry = &recording->entries[index];
    struct request *request = recording->request;
    struct error error = {0};
    if (!event_parse(request->arena, request->list, json, &entry->input, &error))
        refuse_entry(recording, entry, &error);
    else if (!person_may_name(request, entry->input.user_id))
        entry->refused = true; /* and so is the whole call */
    entry->input.person = person_of(request);
}

/* An entry's tree is freed before the next one is parsed. */
static bool parse_list(struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++) {
        struct json_object *json;
        if (!request_next_entry(recording->request, &json))
            return false;
        parse_entry(recording, i, json);
        json_object_put(json);
    }
    return recording->request->error.code == ERROR_NONE;
}

/* An empty list is a mistake of the caller, not a call with nothing to do. */
static bool check_count(struct request *request, size_t count)
{
    if (count == 0)
        return error_field(&request->error, "body", "must not be an empty list: send 1 to %d events",
                           LIMIT_EVENT_BATCH);
    return count <= LIMIT_EVENT_BATCH ||
           error_set(&request->error, ERROR_BATCH_SIZE, "A list must have at most %d events, not %zu",
                     LIMIT_EVENT_BATCH, count);
}

bool events_check(struct worker *worker, struct request *request)
{
    struct recording *recording = arena_alloc(request->arena, 1, sizeof(*recording));
    request->parameters = recording;
    recording->worker = worker;
    recording->request = request;
    recording->is_list = request->list;
    recording->count = recording->is_list ? request->list->count : 1;
    if (!check_count(request, recording->count))
        return false;
    recording->accepted = recording->count;
    recording->entries = arena_alloc(request->arena, recording->count, sizeof(*recording->entries));
    /* A single event may have members in the query; a list stands in the body alone. */
    if (recording->is_list)
        return parse_list(recording);
    parse_entry(recording, 0, request->merged);
    return request->error.code == ERROR_NONE;
}

/* ---- What it may name */

static size_t count_results(const struct recording *recording)
{
    size_t count = 0;
    for (size_t i = 0; i < recording->count; i++)
        count += recording->entries[i].refused ? 0 : recording->entries[i].input.result_item_count;
    return count;
}

/* True for most calls: types are few and change rarely, and this process keeps those it has read. */
static bool all_types_kept(const struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++) {
        const struct event_entry *entry = &recording->entries[i];
        if (!entry->refused && !event_types_kept(&recording->request->tenant, entry->input.type))
            return false;
    }
    return true;
}

/* Entries name their items by the ids that the catalogue has: what came with a prefix of the first clients has
 * been found without it. items is in the order of recording->items. */
static void take_ids(struct recording *recording, const char *const *items)
{
    size_t position = recording->count;
    for (size_t i = 0; i < recording->count; i++) {
        struct event_entry *entry = &recording->entries[i];
        if (entry->refused)
            continue;
        if (entry->input.item_id)
            entry->input.item_id = items[i];
        for (size_t j = 0; j < entry->input.result_item_count; j++)
            entry->input.result_items[j] = items[position++];
    }
}

/* Looks up the items of all entries and, behind them, those that searches have shown. The types are read
 * again only when one is missing among those that are kept. */
static bool look_up_names(struct recording *recording)
{
    struct request *request = recording->request;
    size_t count = recording->count, size = count + count_results(recording);
    const char **items = arena_alloc(request->arena, size, sizeof(*items));
    for (size_t i = 0; i < recording->count; i++) {
        const struct event_entry *entry = &recording->entries[i];
        items[i] = entry->refused || !entry->input.item_id ? "" : entry->input.item_id;
        for (size_t j = 0; !entry->refused && j < entry->input.result_item_count; j++)
            items[count++] = entry->input.result_items[j];
    }
    recording->items = arena_alloc(request->arena, size, sizeof(*recording->items));
    if (!all_types_kept(recording) &&
        !event_types_read(recording->worker->db, &request->tenant, &request->error))
        return false;
    if (!known_items_look_up(recording->worker->db, request->arena, &request->tenant, items, count,
                             recording->items, &request->error))
        return false;
    take_ids(recording, items);
    return true;
}

/* Whether the tenant has as many types as it may; the types have just been read. */
static bool has_all_types(const struct recording *recording, uint64_t *quota)
{
    const struct tenant *tenant = &recording->request->tenant;
    *quota = quota_of(tenant->quotas, QUOTA_EVENT_TYPES);
    return *quota && event_types_count(tenant) >= *quota;
}

/* With [events] unknown_type = accept: adds the types that the entries name. Another worker may take the same
 * number at the same moment, so look again, and try again while one is missing. */
static bool add_types(struct recording *recording)
{
    struct request *request = recording->request;
    uint64_t quota;
    for (int tries = 0; tries < ADD_TYPE_TRIES && !has_all_types(recording, &quota); tries++) {
        bool missing = false;
        for (size_t i = 0; i < recording->count; i++) {
            const struct event_entry *entry = &recording->entries[i];
            if (entry->refused || event_types_kept(&recording->request->tenant, entry->input.type))
                continue;
            missing = true;
            if (!event_types_add(recording->worker->db, &request->tenant, entry->input.type, &request->error))
                return false;
        }
        if (!missing)
            return true;
        if (!look_up_names(recording))
            return false;
    }
    return true;
}

/* The limit is checked on what is stored, which holds more than the caller's own metadata. */
static bool set_metadata(struct recording *recording, struct event_entry *entry, struct error *error)
{
    if (!event_metadata(recording->request->arena, &entry->input, entry->type, &entry->metadata, error))
        return false;
    entry->row->metadata = entry->metadata.text;
    return !entry->row->metadata || strlen(entry->row->metadata) <= LIMIT_METADATA_BYTES ||
           error_field(error, "metadata", "must have at most %d bytes as JSON", LIMIT_METADATA_BYTES);
}

/* What only the tenant's types and items can decide; sets the row's type and metadata. */
static bool check_known(struct recording *recording, size_t index, struct error *error)
{
    const struct config *config = recording->worker->config;
    struct event_entry *entry = &recording->entries[index];
    const struct event_type *type = event_types_kept(&recording->request->tenant, entry->input.type);
    uint64_t quota;
    if (!type && config->events_accept_types && has_all_types(recording, &quota))
        return quota_refuse(QUOTA_EVENT_TYPES, quota, quota + 1, error);
    if (!type)
        return error_set(error, ERROR_UNKNOWN_EVENT_TYPE,
                         "%s \"%.60s\" is neither the name nor the number of an event type of this tenant",
                         entry->input.type_field, entry->input.type);
    if (entry->input.item_id && !recording->items[index] && !config->events_accept_items)
        return error_set(error, ERROR_UNKNOWN_ITEM, "%s \"%.60s\" is not in the catalogue",
                         entry->input.item_field, entry->input.item_id);
    entry->type = type->name;
    entry->row->type_id = type->id;
    return set_metadata(recording, entry, error);
}

/* ---- Rows */

/* SDKs send a visitor's id as user_id, and the same in this header, as they do when they ask for lists. */
static bool is_anonymous_header(const struct request *request, const char *user_id)
{
    const char *header =
        request->transport ? transport_variable(request->transport, "HTTP_X_ANONYMOUS_ID") : NULL;
    return header && !person_of(request) && !strcmp(header, user_id);
}

static void fill_row(struct recording *recording, struct event_entry *entry, struct event_keys *keys)
{
    struct new_event *row = entry->row;
    const struct event_input *input = &entry->input;
    row->user_id = input->user_id;
    row->is_visitor = input->is_visitor || is_anonymous_header(recording->request, input->user_id);
    row->item_id = input->item_id ? input->item_id : ""; /* "": a search */
    row->session_id = input->session_id;
    row->request_id = input->request_id;
    row->context_id = input->context_id;
    row->placement = input->placement;
    row->factor = input->factor;
    row->occurred_at = input->has_time ? event_moment(input->occurred_at, recording->now) : recording->now;
    row->received_at = recording->now / 1000;
    event_keys_next(keys, input, entry->type, row->key);
}

/* Adds an impression for each shown result that exists, of searches with a deduplication id (owned) or of the
 * others. *position is that of the next result in recording->items; all entries' are counted. */
static void add_results(struct recording *recording, const struct event_entry *entry, struct event_keys *keys,
                        bool owned, size_t *position)
{
    const struct event_type *impression = event_types_kept(&recording->request->tenant, "impression");
    bool wanted = impression && !entry->refused && owned == (entry->input.deduplication != NULL);
    for (size_t i = 0; i < entry->input.result_item_count; i++) {
        if (!recording->items[(*position)++] || !wanted)
            continue;
        struct new_event *row = &recording->rows[recording->row_count++];
        *row = *entry->row;
        row->item_id = entry->input.result_items[i];
        row->type_id = impression->id;
        row->factor = row->metadata = NULL; /* of the search; an impression has its type's weight */
        row->owner = owned ? entry->row : NULL;
        event_keys_result(keys, entry->row->key, i, row->key);
    }
}

static void add_all_results(struct recording *recording, struct event_keys *keys, bool owned)
{
    size_t position = recording->count;
    for (size_t i = 0; i < recording->count; i++)
        add_results(recording, &recording->entries[i], keys, owned, &position);
}

/* The rows of the entries come first, in their order; then the impressions, last those that have an owner. */
static void make_rows(struct recording *recording)
{
    struct arena *arena = recording->request->arena;
    struct event_keys *keys = event_keys_create(arena, recording->count);
    recording->rows =
        arena_alloc(arena, recording->count + count_results(recording), sizeof(struct new_event));
    for (size_t i = 0; i < recording->count; i++) {
        struct event_entry *entry = &recording->entries[i];
        struct error error = {0};
        if (entry->refused)
            continue;
        entry->row = &recording->rows[recording->row_count];
        if (check_known(recording, i, &error)) {
            fill_row(recording, entry, keys);
            recording->row_count++;
        } else {
            refuse_entry(recording, entry, &error); /* its results keep their places in recording->items */
        }
    }
    add_all_results(recording, keys, false);
    add_all_results(recording, keys, true);
}

/* What the database knew of the entries: those in conflict are refused, repetitions become what is stored. */
static void take_stored(struct recording *recording)
{
    struct arena *arena = recording->request->arena;
    for (size_t i = 0; i < recording->count; i++) {
        struct event_entry *entry = &recording->entries[i];
        struct error error = {0};
        if (entry->refused || entry->row->inserted)
            continue;
        if (entry->row->in_conflict) {
            error_set(&error, ERROR_EVENT_CONFLICT,
                      "The deduplication id is that of another event, whose user, item or type differs");
            refuse_entry(recording, entry, &error);
        } else {
            entry->metadata = event_stored_metadata(arena, entry->row->metadata, entry->type);
        }
    }
}

static void write_answer(struct recording *recording)
{
    struct request *request = recording->request;
    struct event_call call = {
        .entries = recording->entries, .count = recording->count, .is_list = recording->is_list};
    request->result_count = recording->accepted;
    struct json_writer *out = request_writer(request);
    json_writer_share(out); /* metadata stays where it is until the answer is sent */
    if (request_is_v1(request))
        event_call_answer(out, &call, request->path);
    else
        event_call_answer_plain(out, &call);
    request->long_answer = out;
}

bool events_answer(struct worker *worker, struct request *request)
{
    struct recording *recording = request->parameters;
    recording->now = clock_unix_ms();
    if (recording->accepted && !look_up_names(recording))
        return false;
    bool adds = worker->config->events_accept_types && !person_of(request); /* types are the shop's */
    if (recording->accepted && adds && !add_types(recording))
        return false;
    make_rows(recording);
    /* Only a single event sets the request's error; in a list refused entries are part of the answer. */
    if (request->error.code != ERROR_NONE)
        return false;
    if (recording->row_count && !events_store(worker->db, request->arena, request->tenant.id, recording->rows,
                                              recording->row_count, &request->error))
        return false;
    take_stored(recording);
    if (request->error.code != ERROR_NONE)
        return false;
    write_answer(recording);
    return true;
}
