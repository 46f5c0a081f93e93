/* GET /recommendations; see recommendations.h and the second document. */
#include "api/recommendations.h"

#include "api/answer_logged.h"
#include "api/find_context.h"
#include "api/recommendations_json.h"
#include "base/clock.h"
#include "base/json.h"
#include "request/parameters.h"
#include "storage/embeddings.h"

#include <string.h>

struct recommendations_parameters {
    const char *user_id;
    const char *context; /* number or key, NULL: none */
    int64_t quantity;    /* 0: not given */
    enum entity_type entity_type;
    const char *name, *description; /* NULL: not given */
    struct found_context *found;
    struct embedding_row embedding;
};

static bool read_entity_type(struct request *request, enum entity_type *type)
{
    const char *text = NULL;
    if (!parameter_text(json_member(request->merged, "entity_type"), "entity_type", TEXT_FREE,
                        LIMIT_ID_CHARACTERS, &text, &request->error))
        return false;
    if (!text || !strcmp(text, "User"))
        *type = ENTITY_USER;
    else if (!strcmp(text, "Item"))
        *type = ENTITY_ITEM;
    else
        return error_field(&request->error, "entity_type", "must be User or Item");
    return true;
}

/* Falls back to the token's subject, as the document says. */
static bool read_user(struct request *request, const char **user_id)
{
    struct json_object *value = json_member(request->merged, "user_id");
    *user_id = request->claims.subject;
    if (!value && !*user_id)
        return error_field(&request->error, "user_id", "is missing, and the token has no sub claim");
    return parameter_text(value, "user_id", TEXT_ID, LIMIT_ID_CHARACTERS, user_id, &request->error);
}

/* A number, or text: digits, ctx_ and digits, or a key. */
static bool read_context(struct request *request, const char **context)
{
    struct json_object *value = json_member(request->merged, "context_id");
    const char *field = "context_id";
    if (!value) {
        value = json_member(request->merged, "context_key");
        field = "context_key";
    }
    if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double)) {
        int64_t number = 0;
        if (!parameter_integer(value, field, 1, UINT32_MAX, &number, &request->error))
            return false;
        *context = arena_format(request->arena, "%lld", (long long)number);
        return true;
    }
    return parameter_text(value, field, TEXT_ID, LIMIT_CONTEXT_KEY_CHARACTERS, context, &request->error);
}

bool recommendations_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct recommendations_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    struct json_object *merged = request->merged;
    struct error *error = &request->error;
    request->parameters = parameters;
    bool good = read_user(request, &parameters->user_id);
    good = read_context(request, &parameters->context) && good;
    good = parameter_quantity(merged, &parameters->quantity, error) && good;
    good = read_entity_type(request, &parameters->entity_type) && good;
    good = parameter_text(json_member(merged, "name"), "name", TEXT_FREE, LIMIT_NAME_CHARACTERS,
                          &parameters->name, error) &&
           good;
    return parameter_text(json_member(merged, "description"), "description", TEXT_FREE,
                          LIMIT_DESCRIPTION_CHARACTERS, &parameters->description, error) &&
           good;
}

/* The entity's row is made or refreshed by the call; an item without overrides shows the catalogue's text. */
static bool store_embedding(struct logged_answer *answer, struct error *error)
{
    struct recommendations_parameters *parameters = answer->own;
    struct worker *worker = answer->worker;
    struct request *request = answer->request;
    struct embedding_row *row = &parameters->embedding;
    if (!embeddings_store(worker->db, request->arena, request->tenant.id, parameters->entity_type,
                          parameters->user_id, parameters->name, parameters->description, row, error))
        return false;
    if (parameters->entity_type != ENTITY_ITEM)
        return true;
    const char *name, *description;
    if (!recommender_describe(worker->recommender, worker->db, &request->tenant, parameters->user_id,
                              request->arena, &name, &description, error))
        return false;
    row->name = *row->name ? row->name : name;
    row->description = *row->description ? row->description : description;
    return true;
}

static struct json_object *respond(struct logged_answer *answer, const struct recommendation_list *list,
                                   uint64_t decision_id)
{
    (void)decision_id;
    struct recommendations_parameters *parameters = answer->own;
    struct recommendations_view view = {.request = answer->request,
                                        .entity_type = parameters->entity_type,
                                        .entity_id = parameters->user_id,
                                        .embedding = parameters->embedding,
                                        .viewed =
                                            parameters->found ? &parameters->found->settings.viewed : NULL,
                                        .limit = answer->query.quantity};
    return recommendations_json(&view, list);
}

static bool choose_context(struct worker *worker, struct request *request,
                           struct recommendations_parameters *parameters)
{
    if (!parameters->context)
        return true;
    if (!find_context(worker, request, parameters->context, &parameters->found))
        return false;
    return parameters->found ||
           error_set(&request->error, ERROR_CONTEXT_NOT_FOUND, "There is no such context");
}

static size_t choose_quantity(const struct recommendations_parameters *parameters)
{
    if (parameters->quantity)
        return (size_t)parameters->quantity;
    if (parameters->found && parameters->found->settings.quantity)
        return (size_t)parameters->found->settings.quantity;
    return DEFAULT_QUANTITY_RECOMMENDATIONS;
}

bool recommendations_answer(struct worker *worker, struct request *request)
{
    struct recommendations_parameters *parameters = request->parameters;
    if (!choose_context(worker, request, parameters))
        return false;
    struct logged_answer answer = {.worker = worker,
                                   .request = request,
                                   .prepare = store_embedding,
                                   .respond = respond,
                                   .own = parameters};
    struct history_item *seed = arena_alloc(request->arena, 1, sizeof(*seed));
    *seed = (struct history_item){.item_id = parameters->user_id, .weight = 1};
    answer.sequence.user_id = parameters->user_id;
    answer.sequence.context_id = parameters->found ? parameters->found->id : 0;
    answer.query.context = parameters->found ? &parameters->found->settings : NULL;
    answer.query.quantity = choose_quantity(parameters);
    answer.query.now = clock_unix();
    if (parameters->entity_type == ENTITY_ITEM) {
        answer.query.strategy = ENGINE_SIMILAR;
        answer.query.history = seed;
        answer.query.history_count = 1;
    } else {
        answer.query.user_id = parameters->user_id;
    }
    return answer_logged(&answer);
}
