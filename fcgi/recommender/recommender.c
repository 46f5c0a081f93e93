/* Who answers "what next?"; see recommender.h.
 *
 * Holds what outlives a request: the catalogues of the tenants that this worker serves, and the connection to
 * the remote recommender. Each function finds the tenant's catalogue as of now and hands the query on, so
 * that no caller can rank on an outdated one.
 *
 * Who ranks is decided by the context where it says so, else by the configuration. It is decided twice with
 * the same outcome: before ranking, to query the remote recommender, and after the answer, for the shadow. In
 * between, query->remote alone tells which way was taken.
 *
 * What ranks or searches counts against the request's budget of work from the moment the catalogue is up to
 * date: bringing it there is not this request's doing, and must not be broken off. */
#include "recommender/recommender.h"

#include "base/memory.h"
#include "base/work_budget.h"
#include "recommender/catalogues.h"
#include "recommender/embedded.h"
#include "recommender/explain_item.h"
#include "recommender/find_items.h"
#include "recommender/remote_recommender.h"
#include "recommender/search.h"
#include "recommender/shadow.h"

struct recommender {
    const struct config *config;
    struct catalogues *catalogues;
    struct remote *remote;
};

struct recommender *recommender_create(const struct config *config)
{
    struct recommender *recommender = memory_alloc(1, sizeof(*recommender));
    recommender->config = config;
    recommender->catalogues = catalogues_create(config->model_directory, config->limits_state_file);
    recommender->remote = remote_create(config);
    return recommender;
}

void recommender_destroy(struct recommender *recommender)
{
    if (!recommender)
        return;
    catalogues_destroy(recommender->catalogues);
    remote_destroy(recommender->remote);
    memory_free(recommender);
}

/* What the context says, else the configuration. */
static bool choose_setting(enum context_choice choice, bool otherwise)
{
    return choice == CONTEXT_UNSAID ? otherwise : choice == CONTEXT_YES;
}

static bool is_for_remote(const struct recommender *recommender, const struct recommendation_query *query)
{
    return !query->embedded_only &&
           choose_setting(query->context ? query->context->is_remote : CONTEXT_UNSAID,
                          recommender->config->recommender_is_remote);
}

bool recommender_prepare(struct recommender *recommender, struct database *db,
                         struct recommendation_query *query, struct arena *arena, struct error *error)
{
    if (!is_for_remote(recommender, query))
        return true;
    /* A reply is kept even where it is a failure: the list's note says so, and the engine stands in for it.
     */
    struct remote_part *part = remote_recommender_ask(recommender->remote, db, query, arena, error);
    if (!part)
        return false;
    query->remote = part;
    part->fill = recommender->config->remote_fill;
    bool may_fail = choose_setting(query->context ? query->context->may_fail : CONTEXT_UNSAID,
                                   recommender->config->remote_may_fail);
    if (part->reply.outcome == REMOTE_ANSWERED || may_fail)
        return true;
    error_set(error, ERROR_REMOTE, "The recommender could not do its part");
    return error_detail(error, "remote %s: %s", remote_outcome_name(part->reply.outcome), part->reply.detail);
}

bool recommender_has_shadow(const struct recommender *recommender, const struct recommendation_query *query)
{
    return !query->embedded_only && !is_for_remote(recommender, query) &&
           choose_setting(query->context ? query->context->has_shadow : CONTEXT_UNSAID,
                          recommender->config->remote_in_shadow);
}

void recommender_shadow(struct recommender *recommender, struct database *db,
                        const struct recommendation_query *query, uint64_t decision_id)
{
    const struct shadow_means means = {recommender->config, recommender->catalogues, recommender->remote, db};
    shadow_ask(&means, query, decision_id);
}

/* The tenant's catalogue as of now; from here on work counts. NULL: the database failed. */
static struct catalogue *begin_work(struct recommender *recommender, struct database *db,
                                    const struct tenant *tenant, struct error *error)
{
    struct catalogue *catalogue = catalogues_get(recommender->catalogues, db, tenant, error);
    if (catalogue)
        work_budget_start();
    return catalogue;
}

/* An error of the database came first and stays. */
static bool end_work(bool done, struct error *error)
{
    return work_budget_stop(error) && done;
}

bool recommender_recommend(struct recommender *recommender, struct database *db,
                           const struct recommendation_query *query, struct arena *arena,
                           struct recommendation_list *list, struct error *error)
{
    struct catalogue *catalogue = begin_work(recommender, db, query->tenant, error);
    return catalogue && end_work(embedded_recommend(catalogue, db, query, arena, list, error), error);
}

bool recommender_recall(struct recommender *recommender, struct database *db,
                        const struct recommendation_query *query, size_t limit, struct arena *arena,
                        struct recommendation_list *list, struct error *error)
{
    struct catalogue *catalogue = begin_work(recommender, db, query->tenant, error);
    if (!catalogue)
        return false;
    embedded_recall(catalogue, query, limit, arena, list);
    return end_work(true, error);
}

bool recommender_explain(struct recommender *recommender, struct database *db,
                         const struct recommendation_query *query, const char *item_id, struct arena *arena,
                         struct item_explanation *explanation, struct error *error)
{
    struct catalogue *catalogue = begin_work(recommender, db, query->tenant, error);
    return catalogue &&
           end_work(explain_item(catalogue, db, query, item_id, arena, explanation, error), error);
}

/* Deleted and inactive items have no description: they are not shown either. */
bool recommender_describe(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                          const char *item_id, struct arena *arena, const char **name,
                          const char **description, struct error *error)
{
    struct catalogue *catalogue = catalogues_get(recommender->catalogues, db, tenant, error);
    if (!catalogue)
        return false;
    uint32_t index;
    struct engine_item item = {.name = "", .description = ""};
    if (search_find_item(catalogue, item_id, &index) && catalogue_is_active(catalogue, index))
        catalogue_get(catalogue, index, &item);
    *name = arena_copy_text(arena, item.name);
    *description = arena_copy_text(arena, item.description);
    return true;
}

bool recommender_find_items(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                            const char *text, size_t limit, struct arena *arena, struct found_items *found,
                            struct error *error)
{
    struct catalogue *withdrawn, *catalogue = catalogues_get(recommender->catalogues, db, tenant, error);
    if (!catalogue || !(withdrawn = catalogues_get_withdrawn(recommender->catalogues, db, tenant,
                                                             &found->total_is_exact, error)))
        return false;
    work_budget_start();
    find_items(catalogue, withdrawn, text, limit, arena, found);
    return end_work(true, error);
}

void recommender_upkeep(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                        uint64_t written)
{
    catalogues_upkeep(recommender->catalogues, db, tenant, written);
}
