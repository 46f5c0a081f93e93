/* One transaction for what was asked and answered; see answer_logged.h.
 *
 * The order is what matters here. First what may take long and needs no transaction: the remote recommender,
 * and ranking, which only reads. Then everything that is written: the transaction begins with the first row
 * beside the log (most answers have none), or else with the two log rows, which are one statement together
 * with COMMIT. So no row is locked for longer than a few round trips, and a slow request for a new user keeps
 * no other request for that user waiting. Only when the COMMIT is known to be done is the response built and
 * sent. Should the connection break in it, the random settlement key finds the decision's row, or shows that
 * there is none (storage/transaction.h). */
#include "api/recommend/answer_logged.h"

#include "api/recommend/logged_input.h"
#include "base/json_write.h"
#include "base/random.h"
#include "storage/impressions.h"
#include "storage/transaction.h"

#include <string.h>

/* Ranks are 1 to LIMIT_QUANTITY, below RECOMMENDATION_ID_RANKS, so the number can be taken apart again. */
int64_t recommendation_id(uint64_t decision_id, size_t rank)
{
    return (int64_t)(decision_id * RECOMMENDATION_ID_RANKS + rank);
}

static void log_entry(struct json_writer *log, const struct recommendation *item, const char *group)
{
    json_writer_object(log, NULL);
    json_writer_text(log, "item_id", item->id);
    json_writer_number(log, "score", item->score);
    json_writer_text(log, "source", item->source);
    if (group)
        json_writer_text(log, "group", group);
    json_writer_end(log);
}

/* The decision log's list: what was shown, in the order in which it was. */
static const char *log_results(struct arena *arena, const struct recommendation_list *list, size_t *count)
{
    struct json_writer *log = json_writer_create(arena);
    *count = list->item_count;
    json_writer_list(log, NULL);
    for (size_t i = 0; i < list->item_count; i++)
        log_entry(log, &list->items[i], NULL);
    for (size_t i = 0; i < list->group_count; i++) {
        *count += list->groups[i].item_count;
        for (size_t j = 0; j < list->groups[i].item_count; j++)
            log_entry(log, &list->groups[i].items[j], list->groups[i].key);
    }
    json_writer_end(log);
    return json_writer_result(log);
}

/* Called for each try of the transaction, so the settlement key is new each time. */
static struct decision_row make_decision_row(struct logged_answer *answer)
{
    const struct recommendation_list *list = &answer->list;
    struct request *request = answer->request;
    struct decision_row row = {.tenant_id = request->tenant.id,
                               .recommender = list->recommender,
                               .model_generation = list->model_generation};
    random_fill_in_order(answer->settlement_key, sizeof(answer->settlement_key));
    memcpy(row.settlement_key, answer->settlement_key, sizeof(row.settlement_key));
    row.results = log_results(request->arena, list, &row.result_count);
    row.processing_us = request_elapsed_us(request);
    request->result_count = row.result_count;
    request->note = list->note;
    return row;
}

static bool rank_list(struct logged_answer *answer, struct error *error)
{
    struct worker *worker = answer->worker;
    answer->kept = NULL;
    if (answer->prepare && !answer->prepare(answer, error))
        return false;
    return answer->rank ? answer->rank(answer, &answer->list, error)
                        : recommender_recommend(worker->recommender, worker->db, &answer->query,
                                                answer->request->arena, &answer->list, error);
}

/* What is stored beside the log, always in this order, so that two answers cannot deadlock. */
static bool write_rows(struct logged_answer *answer, struct error *error)
{
    struct database *db = answer->worker->db;
    const struct tenant *tenant = &answer->request->tenant;
    if (answer->write && !answer->write(answer, error))
        return false;
    if (answer->list.explored && !impressions_count_explored(db, tenant->id, answer->list.explored, error))
        return false;
    return !answer->kept ||
           ranked_lists_store(db, tenant, answer->kept_key, answer->kept, answer->query.now, error);
}

static bool rank_and_write(void *context, struct error *error)
{
    struct logged_answer *answer = context;
    return rank_list(answer, error) && write_rows(answer, error);
}

static enum commit_outcome commit_logs(void *context, struct error *error)
{
    struct logged_answer *answer = context;
    const struct decision_row row = make_decision_row(answer);
    return request_logs_commit(answer->worker->db, &answer->sequence, &row, &answer->decision_id, error);
}

static bool find_decision(void *context, bool *found, struct error *error)
{
    struct logged_answer *answer = context;
    return decisions_find_committed(answer->worker->db, answer->request->tenant.id, answer->settlement_key,
                                    &answer->decision_id, found, error);
}

static void ask_shadow(struct worker *worker, void *context)
{
    struct logged_answer *answer = context;
    recommender_shadow(worker->recommender, worker->db, &answer->query, answer->decision_id);
}

/* Copies the answer, which lives on the caller's stack: the shadow runs when the response has been sent. */
static void plan_shadow(struct logged_answer *answer)
{
    struct request *request = answer->request;
    if (!recommender_has_shadow(answer->worker->recommender, &answer->query))
        return;
    struct logged_answer *kept = arena_alloc(request->arena, 1, sizeof(*kept));
    *kept = *answer;
    request_do_later(request, ask_shadow, kept);
}

/* Fills in what all endpoints have alike, and runs the steps above in their order. The input is of the merged
 * parameters as they are here: the checks have added headers to them. */
bool answer_logged(struct logged_answer *answer)
{
    struct request *request = answer->request;
    answer->query.tenant = &request->tenant;
    answer->query.recent = &request->recent;
    answer->query.seed = exploration_seed(request->id);
    answer->sequence.tenant_id = request->tenant.id;
    answer->sequence.request_id = request->id;
    answer->sequence.entity = answer->query.entity;
    answer->sequence.client_id = request->claims.client_id;
    answer->sequence.endpoint =
        arena_format(request->arena, "%s %s", request->route->method, request->route->path);
    answer->sequence.input = logged_input_write(request->arena, request->merged);
    answer->query.request_id = request->id;
    answer->query.task = answer->sequence.task;
    answer->query.context_id = answer->sequence.context_id;
    if (!recommender_prepare(answer->worker->recommender, answer->worker->db, &answer->query, request->arena,
                             &request->error) ||
        !transaction_run_late(answer->worker->db, rank_and_write, commit_logs, find_decision, answer,
                              &request->error))
        return false;
    request->answer = answer->respond(answer, &answer->list, answer->decision_id);
    plan_shadow(answer);
    return true;
}
