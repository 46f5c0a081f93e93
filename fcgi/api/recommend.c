/* POST /api/recommend/recommend; see recommend.h and the first document. */
#include "api/recommend.h"

#include "api/answer_logged.h"
#include "api/find_context.h"
#include "api/sequence_data.h"
#include "base/clock.h"
#include "base/json.h"
#include "request/parameters.h"

#include <string.h>

struct recommend_parameters {
    struct sequence_data data;
    const char *task, *template_name, *user_id;
    int64_t quantity; /* 0: not given */
};

static const struct {
    const char *name;
    enum engine_strategy strategy;
} templates[] = {
    {"personalized", ENGINE_PERSONALIZED}, {"trending", ENGINE_TRENDING}, {"popular", ENGINE_POPULAR},
    {"similar", ENGINE_SIMILAR},           {"new", ENGINE_NEWEST},
};

static bool find_template(const char *name, enum engine_strategy *strategy)
{
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        if (!strcmp(name, templates[i].name)) {
            *strategy = templates[i].strategy;
            return true;
        }
    }
    return false;
}

static bool required_text(struct request *request, const char *field, const char **text)
{
    struct json_object *value = json_member(request->merged, field);
    if (!value)
        return error_field(&request->error, field, "is missing");
    return parameter_text(value, field, TEXT_ID, LIMIT_TASK_CHARACTERS, text, &request->error);
}

bool recommend_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct recommend_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    struct json_object *merged = request->merged;
    struct error *error = &request->error;
    request->parameters = parameters;
    bool good =
        sequence_data_read(request->arena, json_member(merged, "sequence_data"), &parameters->data, error);
    good = required_text(request, "task", &parameters->task) && good;
    good = required_text(request, "template", &parameters->template_name) && good;
    good = parameter_text(json_member(merged, "user_id"), "user_id", TEXT_ID, LIMIT_ID_CHARACTERS,
                          &parameters->user_id, error) &&
           good;
    return parameter_quantity(merged, &parameters->quantity, error) && good;
}

static struct json_object *result_entry(const struct recommendation *item, uint64_t decision_id, size_t rank,
                                        struct arena *arena)
{
    struct json_object *entry = json_object_new_object(), *metadata = NULL;
    const char *problem;
    json_object_object_add(entry, "recommendation_id",
                           json_object_new_int64(recommendation_id(decision_id, rank)));
    json_object_object_add(entry, "score", json_new_number(item->score));
    json_object_object_add(entry, "rank", json_object_new_int64((int64_t)rank));
    json_object_object_add(entry, "item_id", json_object_new_string(item->id));
    json_object_object_add(entry, "name", json_object_new_string(item->name));
    if (!json_parse_arena(arena, item->metadata, strlen(item->metadata), &metadata, &problem) ||
        !json_object_is_type(metadata, json_type_object))
        metadata = NULL;
    json_object_object_add(entry, "metadata",
                           metadata ? json_object_get(metadata) : json_object_new_object());
    return entry;
}

static struct json_object *respond(struct logged_answer *answer, const struct recommendation_list *list,
                                   uint64_t decision_id)
{
    struct json_object *body = json_object_new_object(), *results = json_object_new_array();
    size_t rank = 0;
    for (size_t i = 0; i < list->item_count; i++)
        json_object_array_add(results,
                              result_entry(&list->items[i], decision_id, ++rank, answer->request->arena));
    json_object_object_add(body, "status_code", json_object_new_int(200));
    json_object_object_add(body, "results", results);
    return body;
}

/* The template is one of ours, or names a context of the shop. */
static bool choose_context(struct worker *worker, struct request *request, const char *name,
                           struct found_context **context)
{
    if (!find_context(worker, request, name, context))
        return false;
    if (*context)
        return true;
    return error_field(&request->error, "template",
                       "must be personalized, trending, popular, similar, new or the key of a context");
}

bool recommend_answer(struct worker *worker, struct request *request)
{
    struct recommend_parameters *parameters = request->parameters;
    struct found_context *context = NULL;
    enum engine_strategy strategy = ENGINE_PERSONALIZED;
    if (!find_template(parameters->template_name, &strategy) &&
        !choose_context(worker, request, parameters->template_name, &context))
        return false;
    struct logged_answer answer = {
        .worker = worker, .request = request, .respond = respond, .own = parameters};
    answer.sequence.user_id = parameters->user_id;
    answer.sequence.task = parameters->task;
    answer.sequence.template_name = parameters->template_name;
    answer.sequence.context_id = context ? context->id : 0;
    answer.query.strategy = strategy;
    answer.query.preferences = &parameters->data.preferences;
    answer.query.now = clock_unix();
    answer.query.quantity = (size_t)parameters->quantity;
    if (!answer.query.quantity && context)
        answer.query.quantity = (size_t)context->settings.quantity;
    if (!answer.query.quantity)
        answer.query.quantity = DEFAULT_QUANTITY_RECOMMEND;
    if (context) {
        /* This document knows no groups: the list stays flat. */
        context->settings.group_count = 0;
        answer.query.context = &context->settings;
    }
    answer.query.sequence_data = json_member(request->merged, "sequence_data");
    answer.query.history =
        sequence_data_history(request->arena, &parameters->data, &answer.query.history_count);
    return answer_logged(&answer);
}
