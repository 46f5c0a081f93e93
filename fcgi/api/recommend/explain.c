/* GET and POST /explain; see explain.h.
 *
 * The query is built from the same parameters as a list's, so the explanation is of the very list that the
 * same request to /recommendations would show, but for exploration, which is chance. Scores that are not
 * known, of an item that was never ranked, are null. */
#include "api/recommend/explain.h"

#include "api/recommend/explanation_json.h"
#include "api/recommend/recommendations_parameters.h"
#include "base/clock.h"
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

static const char *reason_text(struct arena *arena, const struct item_explanation *explanation,
                               const struct absence_reason *reason)
{
    /* Sentences for whoever runs the shop; programs go by absence_name(). */
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

/* Why it is not on the page. Reasons that are about its place in the list come with the numbers that show by
 * how much it missed. */
static void write_reasons(struct json_writer *out, struct arena *arena,
                          const struct item_explanation *explanation,
                          const struct recommendation_query *query)
{
    json_writer_list(out, "reasons");
    for (size_t i = 0; i < explanation->reason_count; i++) {
        const struct absence_reason *reason = &explanation->reasons[i];
        json_writer_object(out, NULL);
        json_writer_text(out, "reason", absence_name(reason->absence));
        json_writer_text(out, "message", reason_text(arena, explanation, reason));
        if (reason->condition) {
            json_writer_text(out, "source", reason->source);
            filter_condition_write(out, "condition", reason->condition, true);
        }
        if (reason->absence == ABSENCE_VIEWED)
            recommendations_write_viewed(out, "window", query);
        if (reason->absence >= ABSENCE_ROTATED) {
            json_writer_integer(out, "rank", (int64_t)explanation->list_rank);
            json_writer_number(out, "score", explanation->score);
            json_writer_number(out, "page_lowest_score", explanation->page_lowest);
        }
        json_writer_end(out);
    }
    json_writer_end(out);
}

/* An item that is not there, in the member in which clients look for what went wrong. */
static void write_error(struct json_writer *out, struct arena *arena,
                        const struct item_explanation *explanation)
{
    for (size_t i = 0; i < explanation->reason_count; i++) {
        const struct absence_reason *reason = &explanation->reasons[i];
        if (reason->absence != ABSENCE_UNKNOWN && reason->absence != ABSENCE_DELETED)
            continue;
        json_writer_text(out, "error", reason_text(arena, explanation, reason));
        return;
    }
}

/* Where the item stands: on the page, and in the whole list that the page is cut from. */
static void write_place(struct json_writer *out, const struct item_explanation *explanation,
                        const struct recommendation_query *query)
{
    json_writer_boolean(out, "appears", explanation->appears);
    json_writer_integer_or_null(out, "rank", explanation->rank, (int64_t)explanation->rank);
    json_writer_integer_or_null(out, "list_rank", explanation->list_rank, (int64_t)explanation->list_rank);
    json_writer_integer(out, "list_length", (int64_t)explanation->list_length);
    json_writer_text(out, "group", explanation->group);
    json_writer_object(out, "page");
    json_writer_integer(out, "limit", (int64_t)query->quantity);
    json_writer_integer(out, "quantity", (int64_t)explanation->page_count);
    json_writer_number_or_null(out, "lowest_score", explanation->page_count, explanation->page_lowest);
    json_writer_end(out);
}

/* One score under the three names by which clients look for it. There are no rules to report. */
static void write_scores(struct json_writer *out, const struct item_explanation *explanation)
{
    bool known = explanation->has_score;
    json_writer_number_or_null(out, "score", known, explanation->score);
    json_writer_number_or_null(out, "final_score", known, explanation->score);
    json_writer_number_or_null(out, "finalScore", known, explanation->score);
    json_writer_object(out, "breakdown");
    for (size_t i = 0; i < explanation->part_count; i++)
        json_writer_number(out, explanation->parts[i].name, explanation->parts[i].value);
    json_writer_end(out);
    json_writer_text(out, "source", known ? explanation->source : NULL);
    json_writer_text(out, "summary", known ? explanation_of_source(explanation->source) : NULL);
    json_writer_written(out, "applied_rules", "[]");
}

static const char *write_answer(struct request *request, const struct explain_parameters *parameters,
                                const struct recommendation_query *query,
                                const struct item_explanation *explanation)
{
    const struct found_context *found = parameters->list.found;
    struct json_writer *out = request_writer(request);
    json_writer_object(out, NULL);
    json_writer_text(out, "object", "explanation");
    json_writer_text(out, "request_id", request->id);
    json_writer_text(out, "url", request->path);
    json_writer_id(out, "item_id", explanation->id);
    json_writer_id(out, "itemId", explanation->id);
    json_writer_text(out, "name", explanation->name);
    write_error(out, request->arena, explanation);
    json_writer_text(out, "entity_type", entity_type_name(parameters->list.entity.type));
    json_writer_id(out, "user_id", parameters->list.entity.id);
    json_writer_integer_or_null(out, "context_id", found, found ? found->id : 0);
    write_place(out, explanation, query);
    write_scores(out, explanation);
    write_reasons(out, request->arena, explanation, query);
    explanation_write_stages(out, "pipeline_stages", query, &explanation->trace, explanation->page_count);
    json_writer_integer(out, "processing_time_ms", request_elapsed_us(request) / 1000);
    json_writer_end(out);
    return json_writer_result(out);
}

/* Ranks as the list itself would be, and logs nothing: an explanation shows no items to anyone. */
bool explain_answer(struct worker *worker, struct request *request)
{
    struct explain_parameters *parameters = request->parameters;
    struct recommendation_query query = {.tenant = &request->tenant};
    struct item_explanation explanation;
    if (!recommendations_check_visitor(worker, request, &parameters->list) ||
        !recommendations_choose_context(worker, request, &parameters->list))
        return false;
    recommendations_set_query(request->arena, &parameters->list, &query);
    query.seed = exploration_seed(request->id);
    if (!recommender_explain(worker->recommender, worker->db, &query, parameters->item_id, request->arena,
                             &explanation, &request->error))
        return false;
    request->answer = write_answer(request, parameters, &query, &explanation);
    return true;
}
