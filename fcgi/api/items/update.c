/* POST and PATCH of one item; see update.h.
 *
 * Fields that are not given stay as they are, so the stored row is read first, within the transaction, which
 * has the catalogue's lock: of two updates at once neither undoes the other's fields. Metadata is one field:
 * it is replaced whole. The row is then written as by a POST, with its words, since these come of all fields.
 *
 * The item must be the one that was named: "itm_", which a published client puts before every id, is looked
 * past only where no item has ever had the id as it came (base/id_prefix.h). */
#include "api/items/update.h"

#include "api/items/catalogue_change.h"
#include "api/items/input.h"
#include "api/items/json.h"
#include "base/id_prefix.h"
#include "storage/items_read.h"

#include <string.h>

bool items_update_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct item_input *input = arena_alloc(request->arena, 1, sizeof(*input));
    request->parameters = input;
    if (!item_input_path_id(request) || !item_input_fields(request, request->merged, "", input))
        return false;
    if (!input->name && !input->description && !input->metadata && !input->has_active)
        return error_set(&request->error, ERROR_EMPTY_UPDATE,
                         "Nothing to change: give name, description, metadata or active");
    return true;
}

/* The item of the id in the path. Within the transaction, so that nobody makes or deletes it meanwhile. */
static bool find_item(struct catalogue_change *change, struct item_row *row, struct error *error)
{
    const struct request *request = change->request;
    struct database *db = change->writer.db;
    const uint32_t tenant_id = change->writer.tenant_id;
    const char *candidates[ID_CANDIDATES];
    const size_t count = id_candidates_to_change(request->path_id, candidates);
    enum item_state state = ITEM_STATE_UNKNOWN;
    bool found = false;
    for (size_t i = 0; i < count && !found && state == ITEM_STATE_UNKNOWN; i++) {
        if (!items_find(db, request->arena, tenant_id, candidates[i], row, &found, error))
            return false;
        /* What is left is either unknown or deleted, which only matters where another candidate follows. */
        if (!found && i + 1 < count && !items_read_state(db, tenant_id, candidates[i], &state, error))
            return false;
    }
    return found || error_set(error, ERROR_ITEM_NOT_FOUND, "There is no item with this id");
}

static const char *write_answer(struct catalogue_change *change, const struct item_row *row)
{
    struct request *request = change->request;
    struct json_writer *out = request_writer(request);
    item_write_open(out, NULL, row);
    if (!request_is_v1(request)) {
        json_writer_text(out, "message", "Item updated successfully");
        json_writer_id(out, "itemId", row->id);
        json_writer_integer(out, "processing_time_ms", request_elapsed_us(request) / 1000);
    }
    json_writer_end(out);
    return json_writer_result(out);
}

static bool update(struct catalogue_change *change, struct error *error)
{
    const struct item_input *input = change->own;
    struct request *request = change->request;
    struct item_row row = {.id = request->path_id, .name = "", .description = "", .metadata = "{}"};
    if (!find_item(change, &row, error))
        return false;
    row.name = input->name ? input->name : row.name;
    row.description = input->description ? input->description : row.description;
    row.active = input->has_active ? input->active : row.active;
    struct item_write item =
        catalogue_change_item(change, row.id, row.name, row.description, input->metadata);
    if (!input->metadata)
        item.metadata = row.metadata; /* as it is stored, also where we could not read it */
    item.active = row.active;
    item.created_at = row.created_at;
    row.metadata = item.metadata;
    row.updated_at = item.updated_at;
    if (!items_write(&change->writer, &item, 1, error))
        return false;
    request->result_count = 1;
    request->answer = write_answer(change, &row);
    return true;
}

bool items_update_answer(struct worker *worker, struct request *request)
{
    struct catalogue_change change = {
        .worker = worker, .request = request, .body = update, .own = request->parameters};
    return catalogue_change_run(&change);
}
