/* Reading items; see read.h.
 *
 * One item comes with an ETag made of its revision and its time: clients that poll a product page then get
 * 304 without a body. A list has none, since what it holds changes with every write to any of its items.
 * Pages go by id and not by number, so that items which are added or deleted meanwhile neither repeat others
 * nor hide them. */
#include "api/items/read.h"

#include "api/items/input.h"
#include "api/items/json.h"
#include "api/list_envelope.h"
#include "base/id_prefix.h"
#include "request/entity_tag.h"
#include "request/parameters.h"
#include "storage/items_read.h"

#include <inttypes.h>

static const int64_t latest = INT64_C(253402300799); /* the end of the year 9999 */

/* ---- One */

/* The item of the id in the path: of the id as it is, else without a prefix of the first clients. */
static bool find_item(struct worker *worker, struct request *request, struct item_row *row,
                      struct error *error)
{
    const char *candidates[ID_CANDIDATES];
    size_t count = id_candidates(ID_OF_ITEM, request->path_id, candidates);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        if (!items_find(worker->db, request->arena, request->tenant.id, candidates[i], row, &found, error))
            return false;
    }
    return found || error_set(error, ERROR_ITEM_NOT_FOUND, "There is no item with this id");
}

bool item_read_check(struct worker *worker, struct request *request)
{
    (void)worker;
    return item_input_path_id(request);
}

bool item_read_answer(struct worker *worker, struct request *request)
{
    struct item_row row = {0};
    if (!find_item(worker, request, &row, &request->error))
        return false;
    /* The time beside the revision tells an item from another one after a backup was put back. */
    request->etag = arena_format(request->arena, "\"%" PRIu64 "-%" PRId64 "\"", row.revision, row.updated_at);
    request->cache_control = "private, no-cache";
    request->result_count = 1;
    if (entity_tag_is_known(request, request->etag)) {
        request->answer_status = STATUS_NOT_MODIFIED;
        return true;
    }
    struct json_writer *out = request_writer(request);
    item_write_open(out, NULL, &row);
    json_writer_end(out);
    request->answer = json_writer_result(out);
    return true;
}

/* ---- A page */

bool items_list_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct items_page *page = arena_alloc(request->arena, 1, sizeof(*page));
    struct json_object *merged = request->merged;
    struct error *error = &request->error;
    *page = (struct items_page){.after = "", .created_from = INT64_MIN, .created_to = INT64_MAX};
    request->parameters = page;
    parameters_drop_empty(merged, (const char *const[]){NULL});
    bool good = parameter_page(merged, &page->limit, error);
    good = parameter_id(json_member(merged, "starting_after"), "starting_after", LIMIT_ID_CHARACTERS,
                        request->arena, &page->after, error) &&
           good;
    good = parameter_text(json_member(merged, "category"), "category", TEXT_FREE, LIMIT_CATEGORY_CHARACTERS,
                          &page->category, error) &&
           good;
    good = parameter_integer(json_member(merged, "created_after"), "created_after", 1, latest,
                             &page->created_from, error) &&
           good;
    return parameter_integer(json_member(merged, "created_before"), "created_before", 1, latest,
                             &page->created_to, error) &&
           good;
}

bool items_list_answer(struct worker *worker, struct request *request)
{
    struct items_page page = *(const struct items_page *)request->parameters;
    size_t limit = page.limit++, count; /* one more tells whether anything follows */
    struct item_row *rows;
    if (!items_list(worker->db, request->arena, request->tenant.id, &page, &rows, &count, &request->error))
        return false;
    bool has_more = count > limit;
    request->result_count = has_more ? limit : count;
    struct json_writer *out = request_writer(request);
    list_envelope_begin(out);
    for (size_t i = 0; i < request->result_count; i++) {
        item_write_open(out, NULL, &rows[i]);
        json_writer_end(out);
    }
    list_envelope_end(out, has_more, has_more ? rows[limit - 1].id : NULL, request->path);
    json_writer_end(out);
    request->answer = json_writer_result(out);
    return true;
}
