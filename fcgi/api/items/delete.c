/* DELETE of items; see delete.h.
 *
 * What does not exist is no error: a client that did not get the answer to its first DELETE may send it
 * again. deletedCount says how many there were. A published client puts "itm_" before every id, so an id may
 * stand for two (base/id_prefix.h); one query looks all of them up, whatever the length of the list. An item
 * that was deleted before still answers to its own id: else the same DELETE, sent again, would go on to the
 * item behind the prefix. */
#include "api/items/delete.h"

#include "api/items/catalogue_change.h"
#include "api/items/input.h"
#include "api/items/json.h"
#include "base/id_prefix.h"
#include "base/json_list.h"
#include "request/parameters.h"
#include "request/read_parameters.h"
#include "storage/items_read.h"

#include <stdlib.h>
#include <string.h>

struct delete_parameters {
    const char **ids; /* as the caller wrote them */
    size_t count;
};

/* {itemId: ...}, under any name of an id, or the bare id. */
static bool read_id(struct request *request, struct json_object *value, const char *prefix, const char **id)
{
    char *entry = arena_copy_text(request->arena, *prefix ? prefix : "body"); /* "[3]." */
    entry[strcspn(entry, ".")] = '\0';
    if (!json_object_is_type(value, json_type_object) && *prefix) {
        *id = NULL;
        return parameter_id(value, entry, LIMIT_ID_CHARACTERS, request->arena, id, &request->error) &&
               (*id || error_field(&request->error, entry, "must be an id, or an object with an itemId"));
    }
    if (!item_input_id(request, value, prefix, id))
        return false;
    return *id || error_missing(&request->error, arena_format(request->arena, "%sitemId", prefix));
}

static bool read_list(struct request *request, struct delete_parameters *parameters)
{
    bool good = true;
    parameters->count = request->list->count;
    if (!parameters->count)
        return error_field(&request->error, "body", "must have at least one id");
    if (parameters->count > LIMIT_ITEM_BATCH)
        return error_set(&request->error, ERROR_BATCH_SIZE, "A list must have at most %d ids; this has %zu",
                         LIMIT_ITEM_BATCH, parameters->count);
    parameters->ids = arena_alloc(request->arena, parameters->count, sizeof(*parameters->ids));
    for (size_t i = 0; i < parameters->count; i++) {
        struct json_object *value;
        if (!request_next_entry(request, &value))
            return false;
        good =
            read_id(request, value, arena_format(request->arena, "[%zu].", i), &parameters->ids[i]) && good;
        parameters->ids[i] = json_list_keep(request->list, request->arena, parameters->ids[i]);
        json_object_put(value);
    }
    return good;
}

bool items_delete_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct delete_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    request->parameters = parameters;
    if (!request->path_id && request->list)
        return read_list(request, parameters);
    parameters->count = 1;
    parameters->ids = arena_alloc(request->arena, 1, sizeof(*parameters->ids));
    parameters->ids[0] = request->path_id;
    return request->path_id ? item_input_path_id(request)
                            : read_id(request, request->merged, "", &parameters->ids[0]);
}

static int compare_heads(const void *left, const void *right)
{
    return strcmp(((const struct item_head *)left)->id, ((const struct item_head *)right)->id);
}

/* The first candidate that exists or did once; the id itself when none does. heads is sorted by id. */
static const char *choose_id(const char *id, const struct item_head *heads, size_t count)
{
    const char *candidates[ID_CANDIDATES];
    size_t candidate_count = id_candidates_to_change(id, candidates);
    for (size_t i = 0; i < candidate_count; i++) {
        struct item_head key = {.id = candidates[i]};
        if (bsearch(&key, heads, count, sizeof(*heads), compare_heads))
            return candidates[i];
    }
    return id;
}

/* Finds the stored id behind each of the ids that the caller wrote. */
static bool resolve_ids(struct catalogue_change *change, const struct delete_parameters *parameters,
                        const char **ids, struct error *error)
{
    struct arena *arena = change->request->arena;
    const char **texts = arena_alloc(arena, parameters->count * ID_CANDIDATES, sizeof(*texts));
    struct item_head *heads;
    size_t text_count = 0, count;
    for (size_t i = 0; i < parameters->count; i++)
        text_count += id_candidates_to_change(parameters->ids[i], texts + text_count);
    if (!items_find_heads(change->writer.db, arena, change->writer.tenant_id,
                          json_of_texts(arena, texts, text_count), text_count, &heads, &count, error))
        return false;
    qsort(heads, count, sizeof(*heads), compare_heads);
    for (size_t i = 0; i < parameters->count; i++)
        ids[i] = choose_id(parameters->ids[i], heads, count);
    return true;
}

/* The ids are those that the caller wrote, not the ones that they stood for. */
static const char *write_answer(struct catalogue_change *change, const struct delete_parameters *parameters,
                                uint64_t deleted)
{
    struct json_writer *out = request_writer(change->request);
    json_writer_object(out, NULL);
    if (parameters->count == 1) {
        json_writer_id(out, "id", parameters->ids[0]);
        json_writer_id(out, "itemId", parameters->ids[0]);
    }
    json_writer_text(out, "object", "deleted_item");
    json_writer_text(out, "message",
                     deleted == 1  ? "Item deleted successfully"
                     : deleted > 1 ? "Items deleted successfully"
                                   : "There was nothing to delete");
    json_writer_list(out, "itemIds");
    for (size_t i = 0; i < parameters->count; i++)
        json_writer_id(out, NULL, parameters->ids[i]);
    json_writer_end(out);
    json_writer_integer(out, "deletedCount", (int64_t)deleted);
    json_writer_integer(out, "processing_time_ms", request_elapsed_us(change->request) / 1000);
    json_writer_end(out);
    return json_writer_result(out);
}

static bool remove_items(struct catalogue_change *change, struct error *error)
{
    const struct delete_parameters *parameters = change->own;
    const char **ids = arena_alloc(change->request->arena, parameters->count, sizeof(*ids));
    uint64_t deleted;
    if (!resolve_ids(change, parameters, ids, error) ||
        !items_delete(&change->writer, change->now, ids, parameters->count, &deleted, error))
        return false;
    change->request->result_count = deleted;
    change->request->answer = write_answer(change, parameters, deleted);
    return true;
}

bool items_delete_answer(struct worker *worker, struct request *request)
{
    struct catalogue_change change = {
        .worker = worker, .request = request, .body = remove_items, .own = request->parameters};
    return catalogue_change_run(&change);
}
