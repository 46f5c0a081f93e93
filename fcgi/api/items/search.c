/* GET of items by words; see search.h. Who keeps a shop looks for its items by it, so inactive ones are
 * found, too, and nothing is logged as shown to anybody. The search itself is that of POST /v1/search without
 * its vectors. */
#include "api/items/search.h"

#include "api/items/json.h"
#include "api/items/read.h"
#include "recommender/find_items.h"
#include "recommender/recommender.h"
#include "request/parameters.h"

struct search_parameters {
    const char *text; /* NULL: none was given */
    size_t limit;
};

bool items_search_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct search_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    struct json_object *text = json_member(request->merged, "q");
    request->parameters = parameters;
    bool good = parameter_page(request->merged, &parameters->limit, &request->error);
    if (!text) {
        request->path_id = "search";
        return good;
    }
    return parameter_text(text, "q", TEXT_LINE, LIMIT_SEARCH_CHARACTERS, &parameters->text,
                          &request->error) &&
           good;
}

/* Each item has, for readers of every age, its id under every name. */
static const char *write_answer(struct request *request, const struct found_items *found)
{
    const struct search_parameters *parameters = request->parameters;
    struct json_writer *out = request_writer(request);
    json_writer_object(out, NULL);
    json_writer_text(out, "object", "list");
    json_writer_text(out, "query", parameters->text);
    json_writer_list(out, "items");
    for (size_t i = 0; i < found->count; i++) {
        item_write_open(out, NULL, &found->rows[i]);
        json_writer_id(out, "entity_id", found->rows[i].id);
        json_writer_id(out, "itemId", found->rows[i].id);
        json_writer_end(out);
    }
    json_writer_end(out);
    json_writer_integer(out, "total", (int64_t)found->total);
    json_writer_boolean(out, "total_exact", found->total_is_exact);
    json_writer_integer(out, "limit", (int64_t)parameters->limit);
    json_writer_integer(out, "processing_time_ms", request_elapsed_us(request) / 1000);
    json_writer_end(out);
    return json_writer_result(out);
}

/* The path is that of an item whose id is "search", too: a shop with such an item reads it by the path without
 * words to search for, which are missing where there is none. */
static bool read_item(struct worker *worker, struct request *request)
{
    if (item_read_answer(worker, request))
        return true;
    if (request->error.code != ERROR_ITEM_NOT_FOUND)
        return false;
    error_clear(&request->error);
    return error_missing(&request->error, "q");
}

bool items_search_answer(struct worker *worker, struct request *request)
{
    const struct search_parameters *parameters = request->parameters;
    struct found_items found;
    if (!parameters->text)
        return read_item(worker, request);
    if (!recommender_find_items(worker->recommender, worker->db, &request->tenant, parameters->text,
                                parameters->limit, request->arena, &found, &request->error))
        return false;
    request->result_count = found.count;
    request->answer = write_answer(request, &found);
    return true;
}
