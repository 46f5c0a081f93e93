/* GET of items, a page at a time; see list.h. */
#include "api/items/list.h"

#include "api/items/json.h"
#include "api/list_envelope.h"
#include "request/parameters.h"
#include "storage/items_read.h"

static const int64_t latest = INT64_C(253402300799); /* the end of the year 9999 */

bool items_list_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct items_page *page = arena_alloc(request->arena, 1, sizeof(*page));
    struct json_object *merged = request->merged;
    struct error *error = &request->error;
    *page = (struct items_page){.after = "", .created_from = INT64_MIN, .created_to = INT64_MAX};
    request->parameters = page;
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
    struct json_writer *out = json_writer_create(request->arena);
    list_envelope_begin(out);
    for (size_t i = 0; i < request->result_count; i++) {
        item_write_open(out, NULL, worker->config, &rows[i]);
        json_writer_end(out);
    }
    list_envelope_end(out, has_more, has_more ? rows[limit - 1].id : NULL, request->path);
    json_writer_end(out);
    request->answer = json_writer_result(out);
    return true;
}
