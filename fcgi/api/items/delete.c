/* DELETE of items; see delete.h. What is not there is no error: it is gone, as asked. */
#include "api/items/delete.h"

#include "api/id_json.h"
#include "api/items/catalogue_change.h"
#include "api/items/input.h"
#include "base/id_prefix.h"
#include "base/json.h"
#include "request/parameters.h"
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
    parameters->count = json_object_array_length(request->body);
    if (!parameters->count)
        return error_field(&request->error, "body", "must have at least one id");
    if (parameters->count > LIMIT_ITEM_BATCH)
        return error_set(&request->error, ERROR_BATCH_SIZE, "A list must have at most %d ids; this has %zu",
                         LIMIT_ITEM_BATCH, parameters->count);
    parameters->ids = arena_alloc(request->arena, parameters->count, sizeof(*parameters->ids));
    for (size_t i = 0; i < parameters->count; i++)
        good = read_id(request, json_object_array_get_idx(request->body, i),
                       arena_format(request->arena, "[%zu].", i), &parameters->ids[i]) &&
               good;
    return good;
}

bool items_delete_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct delete_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    request->parameters = parameters;
    if (!request->path_id && json_object_is_type(request->body, json_type_array))
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

/* The first candidate that there is; the id itself when there is none. */
static const char *choose(const char *id, const struct item_head *heads, size_t count)
{
    const char *candidates[ID_CANDIDATES];
    size_t candidate_count = id_candidates(ID_OF_ITEM, id, candidates);
    for (size_t i = 0; i < candidate_count; i++) {
        struct item_head key = {.id = candidates[i]};
        const struct item_head *head = bsearch(&key, heads, count, sizeof(*heads), compare_heads);
        if (head && !head->deleted)
            return candidates[i];
    }
    return id;
}

/* The ids of what is meant: see lookup.h. One question for all. */
static bool resolve(struct catalogue_change *change, const struct delete_parameters *parameters,
                    const char **ids, struct error *error)
{
    struct arena *arena = change->request->arena;
    struct json_object *texts = json_keep(arena, json_object_new_array());
    struct item_head *heads;
    size_t count;
    for (size_t i = 0; i < parameters->count; i++) {
        const char *candidates[ID_CANDIDATES];
        size_t candidate_count = id_candidates(ID_OF_ITEM, parameters->ids[i], candidates);
        for (size_t j = 0; j < candidate_count; j++)
            json_object_array_add(texts, json_object_new_string(candidates[j]));
    }
    if (!items_find_heads(change->writer.db, arena, change->writer.tenant_id, json_text(texts),
                          json_object_array_length(texts), &heads, &count, error))
        return false;
    qsort(heads, count, sizeof(*heads), compare_heads);
    for (size_t i = 0; i < parameters->count; i++)
        ids[i] = choose(parameters->ids[i], heads, count);
    return true;
}

static struct json_object *respond(struct catalogue_change *change,
                                   const struct delete_parameters *parameters, uint64_t deleted)
{
    const struct config *config = change->worker->config;
    struct json_object *body = json_object_new_object(), *ids = json_object_new_array();
    for (size_t i = 0; i < parameters->count; i++)
        json_object_array_add(ids, id_json(config, parameters->ids[i]));
    if (parameters->count == 1) {
        json_add(body, "id", id_json(config, parameters->ids[0]));
        json_add(body, "itemId", id_json(config, parameters->ids[0]));
    }
    json_add_text(body, "object", "deleted_item");
    json_add_text(body, "message",
                  deleted == 1  ? "Item deleted successfully"
                  : deleted > 1 ? "Items deleted successfully"
                                : "There was nothing to delete");
    json_add(body, "itemIds", ids);
    json_add_integer(body, "deletedCount", (int64_t)deleted);
    json_add_integer(body, "processing_time_ms", request_elapsed_us(change->request) / 1000);
    return body;
}

static bool remove_items(struct catalogue_change *change, struct error *error)
{
    const struct delete_parameters *parameters = change->own;
    const char **ids = arena_alloc(change->request->arena, parameters->count, sizeof(*ids));
    uint64_t deleted;
    if (!resolve(change, parameters, ids, error) ||
        !items_delete(&change->writer, change->now, ids, parameters->count, &deleted, error))
        return false;
    change->request->result_count = deleted;
    request_answer(change->request, respond(change, parameters, deleted));
    return true;
}

bool items_delete_answer(struct worker *worker, struct request *request)
{
    struct catalogue_change change = {
        .worker = worker, .request = request, .body = remove_items, .own = request->parameters};
    return catalogue_change_run(&change);
}
