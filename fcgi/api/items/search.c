/* GET of items by words; see search.h. */
#include "api/items/search.h"

#include "api/id_json.h"
#include "api/items/json.h"
#include "base/json.h"
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

/* The item and, for readers of every age, its id under every name. */
static struct json_object *entry_json(struct worker *worker, struct request *request,
                                      const struct found_item *item)
{
    struct json_object *entry = item_json(request->arena, worker->config, &item->row);
    json_add(entry, "entity_id", id_json(worker->config, item->row.id));
    json_add(entry, "itemId", id_json(worker->config, item->row.id));
    return entry;
}

static struct json_object *respond(struct worker *worker, struct request *request,
                                   const struct found_item *items, size_t count, uint64_t total)
{
    const struct search_parameters *parameters = request->parameters;
    struct json_object *body = json_object_new_object(), *list = json_object_new_array();
    for (size_t i = 0; i < count; i++)
        json_object_array_add(list, entry_json(worker, request, &items[i]));
    json_add_text(body, "object", "list");
    json_add_text(body, "query", parameters->text);
    json_add(body, "items", list);
    json_add_integer(body, "total", (int64_t)total);
    json_add_integer(body, "limit", (int64_t)parameters->limit);
    json_add_integer(body, "processing_time_ms", request_elapsed_us(request) / 1000);
    return body;
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
    request_answer(request, respond(worker, request, items, count, total));
    return true;
}
