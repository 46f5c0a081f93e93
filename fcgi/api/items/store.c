/* POST of items; see store.h.
 *
 * A list is one transaction. Of equal ids in a list that updates, the last one counts; a list that creates
 * must not have any. An update replaces name, description and metadata; `active` stays as it is unless it is
 * given, so that a nightly push of the catalogue does not bring a withdrawn item back.
 *
 * How it goes about it: the check reads the entries, one at a time, and sorts them by id, so that equal ids are
 * neighbours.
 * In the transaction one query finds what is stored under all the ids, and a binary search hands each row to
 * its entry; then each id becomes one row, of its last entry, and all rows are written together. So the
 * number of statements hardly grows with the list, and sorting is what is not linear. The transaction may be
 * run again from its start after a lock time-out: nothing that it sets may depend on the run before. */
#include "api/items/store.h"

#include "api/items/catalogue_change.h"
#include "api/items/input.h"
#include "api/items/json.h"
#include "api/list_envelope.h"
#include "base/json_list.h"
#include "base/random.h"
#include "request/parameters.h"
#include "request/read_parameters.h"
#include "storage/items_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One entry of the request; entries of one id share one stored item. */
struct entry {
    struct item_input input;
    size_t position;          /* in the request */
    bool is_generated;        /* the id is ours */
    struct item_head *stored; /* what is there already, NULL: nothing */
    struct item_write *item;  /* what is to be there */
};

struct store_parameters {
    bool is_list, updates;
    struct entry *entries;
    struct entry **by_id; /* sorted by id, then by position */
    size_t count;
};

/* Fifteen digits: below 2^53, so that every client can take it for a number, JavaScript included. */
static const char *generate_id(struct arena *arena)
{
    enum { DIGITS_FIRST = 1, DIGITS_SPAN = 8 };
    const uint64_t unit = 100000000000000;
    uint64_t number;
    random_fill(&number, sizeof(number));
    return arena_format(arena, "%" PRIu64, unit * DIGITS_FIRST + number % (unit * DIGITS_SPAN));
}

/* What happens to an id that exists: below /v1 a POST creates, elsewhere it creates or updates; a setting and
 * then the request itself may say otherwise. */
static bool read_conflict(struct worker *worker, struct request *request, bool *updates)
{
    const char *text = NULL;
    *updates = !request_is_v1(request) || worker->config->items_conflict_update;
    if (!parameter_text(json_member(request->merged, "on_conflict"), "on_conflict", TEXT_FREE,
                        LIMIT_ID_CHARACTERS, &text, &request->error))
        return false;
    if (text && strcmp(text, "update") && strcmp(text, "error"))
        return error_field(&request->error, "on_conflict", "must be update or error");
    *updates = text ? !strcmp(text, "update") : *updates;
    return true;
}

/* By id, then by position: of equal ids the last one is then the last in the request, too. */
static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = *(struct entry *const *)left, *b = *(struct entry *const *)right;
    int order = strcmp(a->input.id, b->input.id);
    return order ? order : (a->position > b->position) - (a->position < b->position);
}

static void sort_entries(struct store_parameters *parameters)
{
    for (size_t i = 0; i < parameters->count; i++)
        parameters->by_id[i] = &parameters->entries[i];
    qsort(parameters->by_id, parameters->count, sizeof(*parameters->by_id), compare_entries);
}

static bool is_same_id(const struct entry *a, const struct entry *b)
{
    return !strcmp(a->input.id, b->input.id);
}

static bool refuse_equal_ids(struct request *request, const struct store_parameters *parameters)
{
    bool good = true;
    for (size_t i = 1; i < parameters->count; i++) {
        const struct entry *before = parameters->by_id[i - 1], *entry = parameters->by_id[i];
        if (is_same_id(before, entry))
            good = error_field(&request->error, arena_format(request->arena, "[%zu].id", entry->position),
                               "is the same as that of [%zu]", before->position);
    }
    return good;
}

static bool read_entry(struct request *request, struct entry *entry, struct json_object *value,
                       const char *prefix)
{
    bool good = item_input_new(request, value, prefix, &entry->input);
    entry->is_generated = !entry->input.id;
    if (entry->is_generated)
        entry->input.id = generate_id(request->arena);
    return good;
}

/* An entry's tree is freed before the next one is parsed. */
static bool read_list(struct request *request, struct store_parameters *parameters)
{
    bool good = true;
    for (size_t i = 0; i < parameters->count; i++) {
        struct entry *entry = &parameters->entries[i];
        struct json_object *value;
        if (!request_next_entry(request, &value))
            return false;
        entry->position = i;
        good = read_entry(request, entry, value, arena_format(request->arena, "[%zu].", i)) && good;
        item_input_keep(request, &entry->input);
        json_object_put(value);
    }
    return good;
}

static bool check_size(struct request *request, struct store_parameters *parameters)
{
    parameters->is_list = request->list;
    parameters->count = parameters->is_list ? request->list->count : 1;
    if (!parameters->count)
        return error_field(&request->error, "body", "must have at least one item");
    if (parameters->count > LIMIT_ITEM_BATCH)
        return error_set(&request->error, ERROR_BATCH_SIZE, "A list must have at most %d items; this has %zu",
                         LIMIT_ITEM_BATCH, parameters->count);
    return true;
}

bool items_store_check(struct worker *worker, struct request *request)
{
    struct store_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    request->parameters = parameters;
    if (!read_conflict(worker, request, &parameters->updates) || !check_size(request, parameters))
        return false;
    parameters->entries = arena_alloc(request->arena, parameters->count, sizeof(*parameters->entries));
    parameters->by_id = arena_alloc(request->arena, parameters->count, sizeof(struct entry *));
    if (!(parameters->is_list ? read_list(request, parameters)
                              : read_entry(request, parameters->entries, request->merged, "")))
        return false;
    sort_entries(parameters);
    return parameters->updates || refuse_equal_ids(request, parameters);
}

static int compare_heads(const void *id, const void *entry)
{
    return strcmp(id, (*(struct entry *const *)entry)->input.id);
}

/* bsearch() finds any one of the entries of an id: the others get the row from their neighbours in by_id,
 * once from the front and once from the back. */
static void share_stored(struct store_parameters *parameters)
{
    struct entry **by_id = parameters->by_id;
    for (size_t i = 1; i < parameters->count; i++) {
        if (is_same_id(by_id[i - 1], by_id[i]) && by_id[i - 1]->stored)
            by_id[i]->stored = by_id[i - 1]->stored;
    }
    for (size_t i = parameters->count - 1; i > 0; i--) {
        if (is_same_id(by_id[i - 1], by_id[i]))
            by_id[i - 1]->stored = by_id[i]->stored;
    }
}

/* Finds what is stored under the entries' ids. */
static bool find_stored(struct catalogue_change *change, struct store_parameters *parameters,
                        struct error *error)
{
    struct arena *arena = change->request->arena;
    const char **ids = arena_alloc(arena, parameters->count, sizeof(*ids));
    struct item_head *heads;
    size_t id_count = 0, count;
    for (size_t i = 0; i < parameters->count; i++) {
        parameters->by_id[i]->stored = NULL;
        if (!i || !is_same_id(parameters->by_id[i - 1], parameters->by_id[i]))
            ids[id_count++] = parameters->by_id[i]->input.id;
    }
    if (!items_find_heads(change->writer.db, arena, change->writer.tenant_id,
                          json_of_texts(arena, ids, id_count), id_count, &heads, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct entry **place = bsearch(heads[i].id, parameters->by_id, parameters->count,
                                       sizeof(*parameters->by_id), compare_heads);
        if (place)
            (*place)->stored = &heads[i];
    }
    share_stored(parameters);
    return true;
}

/* An id of ours that is taken, even by a tombstone, is replaced by another. True: look again what is stored.
 */
static bool replace_taken_ids(struct arena *arena, struct store_parameters *parameters)
{
    bool replaced = false;
    for (size_t i = 0; i < parameters->count; i++) {
        struct entry *entry = parameters->by_id[i];
        bool twice = i && is_same_id(parameters->by_id[i - 1], entry);
        if (entry->is_generated && (entry->stored || twice)) {
            entry->input.id = generate_id(arena);
            replaced = true;
        }
    }
    if (replaced)
        sort_entries(parameters);
    return replaced;
}

/* A deleted item stays as a tombstone, so that workers and the next training drop it; for a caller it does
 * not exist. */
static bool is_live(const struct entry *entry)
{
    return entry->stored && !entry->stored->deleted;
}

/* The ids of entries that exist, or of the others, as a list; their number. */
static size_t write_ids(struct json_writer *out, const char *key, const struct store_parameters *parameters,
                        bool live)
{
    size_t count = 0;
    json_writer_list(out, key);
    for (size_t i = 0; i < parameters->count; i++) {
        const struct entry *entry = &parameters->entries[i];
        if (is_live(entry) != live || entry->is_generated)
            continue;
        json_writer_id(out, NULL, entry->input.id);
        count++;
    }
    json_writer_end(out);
    return count;
}

/* A list that creates is refused whole: with all the ids that stand in its way, and those that are new and were
 * not stored either, since some clients take 409 for success. */
static bool refuse_existing(struct catalogue_change *change, const struct store_parameters *parameters,
                            struct error *error)
{
    struct request *request = change->request;
    struct json_writer *out = request_writer(request);
    json_writer_object(out, NULL);
    size_t count = write_ids(out, "item_ids", parameters, true);
    if (parameters->is_list)
        write_ids(out, "not_stored_item_ids", parameters, false);
    json_writer_end(out);
    if (!count)
        return true;
    request->error_details = json_writer_result(out);
    if (!parameters->is_list)
        return error_set(error, ERROR_ITEM_EXISTS, "An item with this id exists already");
    return error_set(error, ERROR_ITEM_EXISTS,
                     "%zu of %zu items exist already, so none of the list was stored; on_conflict=update "
                     "stores new items and updates the others",
                     count, parameters->count);
}

/* One row for each id, of its last entry; all entries of the id point to it. */
static size_t make_items(struct catalogue_change *change, struct store_parameters *parameters,
                         struct item_write *items)
{
    size_t count = 0;
    bool active = true;
    for (size_t i = 0; i < parameters->count; i++) {
        struct entry *entry = parameters->by_id[i];
        const struct item_input *input = &entry->input;
        if (!i || !is_same_id(parameters->by_id[i - 1], entry)) {
            count++;
            active = !is_live(entry) || entry->stored->active;
        }
        active = input->has_active ? input->active : active;
        entry->item = &items[count - 1];
        *entry->item = catalogue_change_item(change, input->id, input->name,
                                             input->description ? input->description : "", input->metadata);
        entry->item->active = active;
        entry->item->created_at = is_live(entry) ? entry->stored->created_at : change->now;
    }
    return count;
}

static void write_item(struct json_writer *out, const struct item_write *item)
{
    const struct item_row row = {.id = item->id,
                                 .name = item->name,
                                 .description = item->description,
                                 .metadata = item->metadata,
                                 .active = item->active,
                                 .created_at = item->created_at,
                                 .updated_at = item->updated_at};
    item_write_open(out, NULL, &row);
    json_writer_end(out);
}

static void write_v1(struct json_writer *out, struct catalogue_change *change,
                     const struct store_parameters *parameters)
{
    if (!parameters->is_list) {
        write_item(out, parameters->entries[0].item);
        return;
    }
    list_envelope_begin(out);
    for (size_t i = 0; i < parameters->count; i++)
        write_item(out, parameters->entries[i].item);
    list_envelope_end(out, false, NULL, change->request->path);
    json_writer_end(out);
}

static void write_plain(struct json_writer *out, struct catalogue_change *change,
                        const struct store_parameters *parameters)
{
    json_writer_object(out, NULL);
    json_writer_text(out, "message",
                     parameters->is_list ? "Items upserted successfully" : "Item upserted successfully");
    json_writer_boolean(out, "success", true);
    if (parameters->count == 1)
        json_writer_id(out, "itemId", parameters->entries[0].input.id);
    if (parameters->is_list) {
        json_writer_list(out, "itemIds");
        for (size_t i = 0; i < parameters->count; i++)
            json_writer_id(out, NULL, parameters->entries[i].input.id);
        json_writer_end(out);
    }
    json_writer_integer(out, "processing_time_ms", request_elapsed_us(change->request) / 1000);
    json_writer_end(out);
}

static bool store(struct catalogue_change *change, struct error *error)
{
    struct store_parameters *parameters = change->own;
    struct request *request = change->request;
    struct item_write *items = arena_alloc(request->arena, parameters->count, sizeof(*items));
    do {
        if (!find_stored(change, parameters, error))
            return false;
    } while (replace_taken_ids(request->arena, parameters));
    if (!parameters->updates && !refuse_existing(change, parameters, error))
        return false;
    size_t count = make_items(change, parameters, items);
    if (!items_write(&change->writer, items, count, error))
        return false;
    request->result_count = count;
    struct json_writer *out = request_writer(request);
    json_writer_share(out); /* metadata stays where it is until the answer is sent */
    if (request_is_v1(request))
        write_v1(out, change, parameters);
    else
        write_plain(out, change, parameters);
    request->long_answer = out;
    return true;
}

bool items_store_answer(struct worker *worker, struct request *request)
{
    struct catalogue_change change = {
        .worker = worker, .request = request, .body = store, .own = request->parameters};
    return catalogue_change_run(&change);
}
