/* GET of items by words; see search.h. */
#include "api/items/search.h"

#include "api/items/json.h"
#include "recommender/item_words.h"
#include "request/parameters.h"
#include "storage/item_search.h"

struct search_parameters {
    const char *text;
    size_t limit;
};

bool items_search_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct search_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    struct json_object *text = json_member(request->merged, "q");
    request->parameters = parameters;
    bool good = parameter_page(request->merged, &parameters->limit, &request->error);
    if (!text)
        return error_missing(&request->error, "q");
    return parameter_text(text, "q", TEXT_ID, LIMIT_SEARCH_CHARACTERS, &parameters->text, &request->error) &&
           good;
}

/* Each item has, for readers of every age, its id under every name. */
static const char *write_answer(struct worker *worker, struct request *request,
                                const struct found_item *items, size_t count, uint64_t total)
{
    const struct search_parameters *parameters = request->parameters;
    struct json_writer *out = json_writer_create(request->arena);
    json_writer_object(out, NULL);
    json_writer_text(out, "object", "list");
    json_writer_text(out, "query", parameters->text);
    json_writer_list(out, "items");
    for (size_t i = 0; i < count; i++) {
        item_write_open(out, NULL, worker->config, &items[i].row);
        item_write_id(out, "entity_id", worker->config, items[i].row.id);
        item_write_id(out, "itemId", worker->config, items[i].row.id);
        json_writer_end(out);
    }
    json_writer_end(out);
    json_writer_integer(out, "total", (int64_t)total);
    json_writer_integer(out, "limit", (int64_t)parameters->limit);
    json_writer_integer(out, "processing_time_ms", request_elapsed_us(request) / 1000);
    json_writer_end(out);
    return json_writer_result(out);
}

/* Items with every word; where there is none, those with any of them. */
bool items_search_answer(struct worker *worker, struct request *request)
{
    const struct search_parameters *parameters = request->parameters;
    struct found_item *items = NULL;
    size_t count = 0, words;
    uint64_t total = 0;
    for (int all = 1; all >= 0 && !count; all--) {
        const char *question =
            item_words_question(request->arena, request->tenant.id, parameters->text, all, &words);
        if (!words || (!all && words == 1))
            break;
        if (!item_search_find(worker->db, request->arena, request->tenant.id, question, parameters->limit,
                              &items, &count, &total, &request->error))
            return false;
    }
    request->result_count = count;
    request->answer = write_answer(worker, request, items, count, total);
    return true;
}
