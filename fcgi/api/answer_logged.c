/* One transaction for what was asked and answered; see answer_logged.h. */
#include "api/answer_logged.h"

#include "base/json.h"
#include "base/random.h"
#include "storage/transaction.h"

#include <string.h>

int64_t recommendation_id(uint64_t decision_id, size_t rank)
{
    return (int64_t)(decision_id * RECOMMENDATION_ID_RANKS + rank);
}

static struct json_object *log_entry(const struct recommendation *item, const char *group)
{
    struct json_object *entry = json_object_new_object();
    json_object_object_add(entry, "item_id", json_object_new_string(item->id));
    json_object_object_add(entry, "score", json_new_number(item->score));
    json_object_object_add(entry, "source", json_object_new_string(item->source));
    if (group)
        json_object_object_add(entry, "group", json_object_new_string(group));
    return entry;
}

/* The decision log's list: what was shown, in the order in which it was. */
static const char *log_results(struct arena *arena, const struct recommendation_list *list, size_t *count)
{
    struct json_object *log = json_keep(arena, json_object_new_array());
    for (size_t i = 0; i < list->item_count; i++)
        json_object_array_add(log, log_entry(&list->items[i], NULL));
    for (size_t i = 0; i < list->group_count; i++) {
        for (size_t j = 0; j < list->groups[i].item_count; j++)
            json_object_array_add(log, log_entry(&list->groups[i].items[j], list->groups[i].key));
    }
    *count = json_object_array_length(log);
    return json_text(log);
}

static bool store_decision(struct logged_answer *answer, uint64_t sequence_id,
                           const struct recommendation_list *list, uint64_t *decision_id, struct error *error)
{
    struct request *request = answer->request;
    struct decision_row row = {.tenant_id = request->tenant.id,
                               .sequence_id = sequence_id,
                               .recommender = list->recommender,
                               .model_generation = list->model_generation,
                               .processing_us = request_elapsed_us(request)};
    random_fill(answer->settlement_key, sizeof(answer->settlement_key));
    memcpy(row.settlement_key, answer->settlement_key, sizeof(row.settlement_key));
    row.results = log_results(request->arena, list, &row.result_count);
    request->result_count = row.result_count;
    request->note = list->note;
    return decisions_insert(answer->worker->db, &row, decision_id, error);
}

static bool rank(struct logged_answer *answer, struct recommendation_list *list, struct error *error)
{
    struct worker *worker = answer->worker;
    return answer->rank ? answer->rank(answer, list, error)
                        : recommender_recommend(worker->recommender, worker->db, &answer->query,
                                                answer->request->arena, list, error);
}

static bool body(void *context, struct error *error)
{
    struct logged_answer *answer = context;
    struct worker *worker = answer->worker;
    struct recommendation_list list;
    uint64_t sequence_id;
    if (!sequences_insert(worker->db, &answer->sequence, &sequence_id, error))
        return false;
    if (answer->prepare && !answer->prepare(answer, error))
        return false;
    if (!rank(answer, &list, error))
        return false;
    if (!store_decision(answer, sequence_id, &list, &answer->decision_id, error))
        return false;
    request_answer(answer->request, answer->respond(answer, &list, answer->decision_id));
    return true;
}

static bool settle(void *context, bool *found, struct error *error)
{
    struct logged_answer *answer = context;
    return decisions_is_committed(answer->worker->db, answer->request->tenant.id, answer->settlement_key,
                                  found, error);
}

static void shadow(struct worker *worker, void *context)
{
    struct logged_answer *answer = context;
    recommender_shadow(worker->recommender, &answer->query, answer->decision_id);
}

/* The answer lives on the caller's stack, which is gone when it has been sent. */
static void plan_shadow(struct logged_answer *answer)
{
    struct request *request = answer->request;
    if (!recommender_has_shadow(answer->worker->recommender, &answer->query))
        return;
    struct logged_answer *kept = arena_alloc(request->arena, 1, sizeof(*kept));
    *kept = *answer;
    request->after = shadow;
    request->after_context = kept;
}

bool answer_logged(struct logged_answer *answer)
{
    struct request *request = answer->request;
    answer->query.tenant = &request->tenant;
    answer->query.seed = exploration_seed(request->id);
    answer->sequence.tenant_id = request->tenant.id;
    answer->sequence.request_id = request->id;
    answer->sequence.client_id = request->claims.client_id;
    answer->sequence.endpoint =
        arena_format(request->arena, "%s %s", request->route->method, request->route->path);
    answer->sequence.input = arena_copy_text(request->arena, json_text(request->merged));
    answer->query.request_id = request->id;
    answer->query.task = answer->sequence.task;
    answer->query.named_user = answer->query.strategy == ENGINE_SIMILAR ? NULL : answer->sequence.user_id;
    answer->query.context_id = answer->sequence.context_id;
    if (!recommender_prepare(answer->worker->recommender, answer->worker->db, &answer->query, request->arena,
                             &request->error) ||
        !transaction_run(answer->worker->db, body, settle, answer, &request->error))
        return false;
    plan_shadow(answer);
    return true;
}
