/* GET and POST /explain; see explain.h. */
#include "api/recommend/explain.h"

#include "api/recommend/explanation_json.h"
#include "api/recommend/recommendations_parameters.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "recommender/explain_item.h"
#include "request/parameters.h"

#include <string.h>

struct explain_parameters {
    struct recommendations_parameters list;
    const char *item_id;
};

bool explain_check(struct worker *worker, struct request *request)
{
    (void)worker;
    static const char *const names[] = {"itemId", "item_id", "entity_id", "id", NULL};
    struct explain_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    const char *field;
    struct json_object *id = parameter_first(request->merged, names, &field);
    request->parameters = parameters;
    bool good = id ? parameter_id(id, field, LIMIT_ID_CHARACTERS, request->arena, &parameters->item_id,
                                  &request->error)
                   : error_missing(&request->error, field);
    parameters->list.is_newer = true;
    return recommendations_parameters_read(request, &parameters->list) && good;
}

static struct json_object *parts_json(const struct item_explanation *explanation)
{
    struct json_object *json = json_object_new_object();
    for (size_t i = 0; i < explanation->part_count; i++)
        json_add(json, explanation->parts[i].name, json_new_number(explanation->parts[i].value));
    return json;
}

static const char *reason_text(struct arena *arena, const struct item_explanation *explanation,
                               const struct absence_reason *reason)
{
    switch (reason->absence) {
    case ABSENCE_UNKNOWN:
        return "There is no such item in the catalogue";
    case ABSENCE_DELETED:
        return "The item was deleted";
    case ABSENCE_INACTIVE:
        return "The item is inactive";
    case ABSENCE_FILTERED:
        return arena_format(arena, "A filter of the %s does not let it pass", reason->source);
    case ABSENCE_PURCHASED:
        return "The user has bought it";
    case ABSENCE_VIEWED:
        return "The user has seen it within the window of viewed items";
    case ABSENCE_UNWANTED:
        return "The request excludes it";
    case ABSENCE_SEED:
        return "The list is of items like it";
    case ABSENCE_ROTATED:
        return "It was shown to the user recently and not clicked, so it moved down";
    case ABSENCE_DIVERSITY:
        return "Its place went to an item that is less like the others";
    case ABSENCE_GROUP_FULL:
        return "Its group shows better items";
    case ABSENCE_BELOW:
    case ABSENCE__MAX:
        break;
    }
    return arena_format(arena, "Its rank is %zu, and the page shows %zu", explanation->list_rank,
                        explanation->page_count);
}

static struct json_object *reasons_json(struct arena *arena, const struct item_explanation *explanation,
                                        const struct recommendation_query *query)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < explanation->reason_count; i++) {
        const struct absence_reason *reason = &explanation->reasons[i];
        struct json_object *entry = json_object_new_object();
        json_add_text(entry, "reason", absence_name(reason->absence));
        json_add_text(entry, "message", reason_text(arena, explanation, reason));
        if (reason->condition) {
            json_add_text(entry, "source", reason->source);
            json_add(entry, "condition", request_filter_json(reason->condition));
        }
        if (reason->absence == ABSENCE_VIEWED)
            json_add(entry, "window", recommendations_viewed_json(query));
        if (reason->absence >= ABSENCE_ROTATED) {
            json_add_integer(entry, "rank", (int64_t)explanation->list_rank);
            json_add(entry, "score", json_new_number(explanation->score));
            json_add(entry, "page_lowest_score", json_new_number(explanation->page_lowest));
        }
        json_object_array_add(list, entry);
    }
    return list;
}

static void add_place(struct json_object *body, const struct item_explanation *explanation,
                      const struct recommendation_query *query)
{
    struct json_object *page = json_object_new_object();
    json_add_boolean(body, "appears", explanation->appears);
    json_add(body, "rank", explanation->rank ? json_object_new_int64((int64_t)explanation->rank) : NULL);
    json_add(body, "list_rank",
             explanation->list_rank ? json_object_new_int64((int64_t)explanation->list_rank) : NULL);
    json_add_integer(body, "list_length", (int64_t)explanation->list_length);
    json_add_text(body, "group", explanation->group);
    json_add_integer(page, "limit", (int64_t)query->quantity);
    json_add_integer(page, "quantity", (int64_t)explanation->page_count);
    json_add(page, "lowest_score",
             explanation->page_count ? json_new_number(explanation->page_lowest) : NULL);
    json_add(body, "page", page);
}

static struct json_object *score_or_null(const struct item_explanation *explanation, double score)
{
    return explanation->has_score ? json_new_number(score) : NULL;
}

static void add_scores(struct json_object *body, const struct item_explanation *explanation)
{
    json_add(body, "score", score_or_null(explanation, explanation->score));
    json_add(body, "final_score", score_or_null(explanation, explanation->score));
    json_add(body, "finalScore", score_or_null(explanation, explanation->score));
    json_add(body, "breakdown", parts_json(explanation));
    json_add_text(body, "source", explanation->has_score ? explanation->source : NULL);
    json_add_text(body, "summary",
                  explanation->has_score ? explanation_of_source(explanation->source) : NULL);
    json_add(body, "applied_rules", json_object_new_array());
}

static struct json_object *body_json(struct request *request, const struct explain_parameters *parameters,
                                     const struct recommendation_query *query,
                                     const struct item_explanation *explanation)
{
    struct json_object *body = json_object_new_object();
    const struct found_context *found = parameters->list.found;
    json_add_text(body, "object", "explanation");
    json_add_text(body, "request_id", request->id);
    json_add_text(body, "url", request->path);
    json_add_text(body, "item_id", explanation->id);
    json_add_text(body, "itemId", explanation->id);
    json_add_text(body, "name", explanation->name);
    json_add_text(body, "entity_type", entity_type_name(parameters->list.entity.type));
    json_add_text(body, "user_id", parameters->list.entity.id);
    json_add(body, "context_id", found ? json_object_new_int64(found->id) : NULL);
    add_place(body, explanation, query);
    add_scores(body, explanation);
    json_add(body, "reasons", reasons_json(request->arena, explanation, query));
    json_add(body, "pipeline_stages",
             explanation_stages(request->arena, query, &explanation->trace, explanation->page_count));
    json_add_integer(body, "processing_time_ms", request_elapsed_us(request) / 1000);
    return body;
}

bool explain_answer(struct worker *worker, struct request *request)
{
    struct explain_parameters *parameters = request->parameters;
    struct recommendation_query query = {.tenant = &request->tenant};
    struct item_explanation explanation;
    if (!recommendations_choose_context(worker, request, &parameters->list))
        return false;
    recommendations_set_query(request->arena, &parameters->list, &query);
    query.seed = exploration_seed(request->id);
    if (!recommender_explain(worker->recommender, worker->db, &query, parameters->item_id, request->arena,
                             &explanation, &request->error))
        return false;
    request_answer(request, body_json(request, parameters, &query, &explanation));
    return true;
}
