/* POST /api/recommend/recommend; see recommend.h and the first document.
 *
 * The caller brings the history of the customer with the request (sequence_data), so stored events are not
 * read; user_id is only logged, and passed to a remote recommender. The template says how to rank: one of
 * five names, or the key of a stored context, whose filters and settings then apply. */
#include "api/recommend/recommend.h"

#include "api/recommend/answer_logged.h"
#include "api/recommend/entry_fields.h"
#include "api/recommend/find_context.h"
#include "api/recommend/sequence_data.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "request/authenticate.h"
#include "request/parameters.h"

#include <string.h>

struct recommend_parameters {
    struct sequence_data data;
    const char *task, *template_name;
    struct entity user;
    int64_t quantity; /* 0: not given */
    unsigned fields;  /* of the results: a set of enum entry_field */
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

/* task and template; the names of tasks are the caller's own, and are only logged and passed on. */
static bool required_text(struct request *request, const char *field, const char **text)
{
    struct json_object *value = json_member(request->merged, field);
    if (!value)
        return error_field(&request->error, field, "is missing");
    return parameter_text(value, field, TEXT_LINE, LIMIT_TASK_CHARACTERS, text, &request->error);
}

bool recommend_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct recommend_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    struct json_object *merged = request->merged;
    struct error *error = &request->error;
    request->parameters = parameters;
    bool good = sequence_data_read(request->arena, json_member_object(merged, "sequence_data"),
                                   &parameters->data, error);
    good = required_text(request, "task", &parameters->task) && good;
    good = required_text(request, "template", &parameters->template_name) && good;
    good = parameter_text(json_member(merged, "user_id"), "user_id", TEXT_ID, LIMIT_ID_CHARACTERS,
                          &parameters->user.id, error) &&
           good;
    /* A person's token is that person's request, named or not. */
    if (!parameters->user.id)
        parameters->user.id = person_of(request);
    good = person_may_name(request, parameters->user.id) && good;
    parameters->fields = ENTRY_ALL;
    good = entry_fields_read(request, &parameters->fields) && good;
    return parameter_quantity(merged, &parameters->quantity, error) && good;
}

static const char *write_answer(struct logged_answer *answer, const struct recommendation_list *list,
                                uint64_t decision_id)
{
    const struct recommend_parameters *parameters = answer->own;
    struct json_writer *out = request_writer(answer->request);
    json_writer_object(out, NULL);
    json_writer_integer(out, "status_code", 200);
    json_writer_list(out, "results");
    for (size_t i = 0; i < list->item_count; i++) {
        const struct recommendation *item = &list->items[i];
        json_writer_object(out, NULL);
        json_writer_integer(out, "recommendation_id", recommendation_id(decision_id, i + 1));
        json_writer_number(out, "score", item->score);
        json_writer_integer(out, "rank", (int64_t)i + 1);
        json_writer_id(out, "item_id", item->id);
        if (parameters->fields & ENTRY_NAME)
            json_writer_text(out, "name", item->name);
        if (parameters->fields & ENTRY_METADATA)
            json_writer_stored(out, "metadata", item->metadata);
        json_writer_end(out);
    }
    json_writer_end(out);
    json_writer_end(out);
    return json_writer_result(out);
}

/* A template that is not one of the five must be the key of a context. */
static bool find_template_context(struct worker *worker, struct request *request, const char *name,
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
        !find_template_context(worker, request, parameters->template_name, &context))
        return false;
    struct logged_answer answer = {
        .worker = worker, .request = request, .respond = write_answer, .own = parameters};
    answer.sequence.task = parameters->task;
    answer.sequence.template_name = parameters->template_name;
    answer.sequence.context_id = context ? context->id : 0;
    answer.query.entity = parameters->user;
    answer.query.strategy = strategy;
    answer.query.preferences = &parameters->data.preferences;
    answer.query.now = clock_unix();
    answer.query.quantity = (size_t)parameters->quantity;
    /* The request's number, else the context's, else the document's. */
    if (!answer.query.quantity && context)
        answer.query.quantity = (size_t)context->settings.quantity;
    if (!answer.query.quantity)
        answer.query.quantity = DEFAULT_QUANTITY_RECOMMEND;
    if (context) {
        /* The first document has no groups: the list stays flat. */
        context->settings.group_count = 0;
        answer.query.context = &context->settings;
    }
    answer.query.sequence_data = json_member(request->merged, "sequence_data");
    answer.query.history =
        sequence_data_history(request->arena, &parameters->data, &answer.query.history_count);
    return answer_logged(&answer);
}
