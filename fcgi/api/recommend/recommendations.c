/* GET /recommendations and /v1/recommendations, and what follows a search; see recommendations.h.
 *
 * One page of one list, or in auto mode one section. Three ways of ranking share the frame of
 * answer_logged(): /recommendations ranks one list and shows its head; /v1 cuts pages from a list that is
 * kept; auto mode chooses among sections. The last two keep lists between calls, under the hash of `asked`, a
 * JSON value with everything that the order of a list depends on but time and events; so requests that differ
 * in anything that matters never see each other's pages. */
#include "api/recommend/recommendations.h"

#include "api/recommend/answer_logged.h"
#include "api/recommend/auto_sections.h"
#include "api/recommend/ranked_pages.h"
#include "api/recommend/recommendations_json.h"
#include "api/recommend/recommendations_parameters.h"
#include "recommender/text_ranker.h"

/* One answer under way. */
struct answering {
    struct recommendations_parameters *parameters;
    const char *asked; /* see write_asked() */
    struct ranked_page page;
    struct auto_section section;
    bool embedding_differs; /* from what is stored of the entity */
};

bool recommendations_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct recommendations_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    request->parameters = parameters;
    parameters->is_newer = request_is_v1(request);
    if (!recommendations_parameters_read(request, parameters))
        return false;
    request->entity = parameters->owner;
    /* A later page is mostly cut from a kept list, for which no events are read. */
    request->wants_events = entity_user_id(parameters->entity) && !parameters->after;
    return true;
}

/* The entity's name and description as this call leaves them. An item for which no request gave any shows the
 * catalogue's. A search has no row. */
static bool read_embedding(struct logged_answer *answer, struct error *error)
{
    struct answering *answering = answer->own;
    struct recommendations_parameters *parameters = answering->parameters;
    struct worker *worker = answer->worker;
    struct request *request = answer->request;
    struct embedding_row *row = &parameters->embedding;
    *row = (struct embedding_row){.name = "", .description = ""};
    answering->embedding_differs = false;
    if (!parameters->entity.id || parameters->wish)
        return true;
    if (!embeddings_read(worker->db, request->arena, request->tenant.id, parameters->owner,
                         &request->embedding, parameters->name, parameters->description, row,
                         &answering->embedding_differs, error))
        return false;
    if (parameters->entity.type != ENTITY_ITEM)
        return true;
    const char *name, *description;
    if (!recommender_describe(worker->recommender, worker->db, &request->tenant, parameters->entity.id,
                              request->arena, &name, &description, error))
        return false;
    row->name = *row->name ? row->name : name;
    row->description = *row->description ? row->description : description;
    return true;
}

/* A call that gives a name or a description creates the entity's row or refreshes it. What is stored of an item
 * everybody sees, so it takes the write scope; without it the texts are those of this answer alone. */
static bool write_embedding(struct logged_answer *answer, struct error *error)
{
    const struct answering *answering = answer->own;
    const struct recommendations_parameters *parameters = answering->parameters;
    bool may_write = parameters->owner.type == ENTITY_USER || answer->request->may_write;
    return !answering->embedding_differs || !may_write ||
           embeddings_write(answer->worker->db, answer->request->tenant.id, parameters->owner,
                            parameters->name, parameters->description, error);
}

static bool rank_section(struct logged_answer *answer, struct recommendation_list *list, struct error *error)
{
    struct answering *answering = answer->own;
    return auto_sections_rank(answer, answering->parameters, answering->asked, &answering->section, list,
                              error);
}

static bool rank_page(struct logged_answer *answer, struct recommendation_list *list, struct error *error)
{
    struct answering *answering = answer->own;
    return ranked_pages_rank(answer, &answering->page, list, error);
}

static const char *write_answer(struct logged_answer *answer, const struct recommendation_list *list,
                                uint64_t decision_id)
{
    (void)decision_id;
    const struct answering *answering = answer->own;
    struct recommendations_view view = {.request = answer->request,
                                        .parameters = answering->parameters,
                                        .query = &answer->query,
                                        .page = &answering->page,
                                        .section =
                                            answering->parameters->is_auto ? &answering->section : NULL};
    return recommendations_json(&view, list);
}

/* Everything that a ranked list depends on, but for time and events, as JSON: requests with the same text
 * page through the same kept list. */
static const char *write_asked(struct arena *arena, const struct recommendations_parameters *parameters)
{
    const struct request_filters *filters = &parameters->filters;
    const struct text_wish *wish = parameters->wish;
    struct json_writer *out = json_writer_create(arena);
    json_writer_object(out, NULL);
    json_writer_boolean(out, "auto", parameters->is_auto);
    json_writer_text(out, "entity_type", entity_type_name(parameters->entity.type));
    json_writer_text(out, "entity_id", parameters->entity.id);
    json_writer_integer(out, "context_id", parameters->found ? parameters->found->id : 0);
    request_filters_write(out, "filters", filters->filters.conditions, filters->filters.count);
    json_writer_texts(out, "exclude", filters->exclude, filters->exclude_count);
    /* Three states and a number in one: not given, off, all time (0), or a window in seconds. */
    json_writer_integer(out, "viewed",
                        !filters->has_viewed      ? -2
                        : !filters->viewed.on     ? -1
                        : filters->viewed.seconds ? filters->viewed.seconds
                                                  : 0);
    json_writer_text(out, "name", parameters->name);
    json_writer_text(out, "description", parameters->description);
    if (wish) {
        json_writer_object(out, "search");
        json_writer_text(out, "text", wish->text);
        json_writer_boolean(out, "words", wish->words);
        json_writer_boolean(out, "weighted", wish->weighted);
        json_writer_double(out, "word_weight", wish->word_weight);
        json_writer_double(out, "vector_weight", wish->vector_weight);
        json_writer_texts(out, "fields", wish->fields, wish->field_count);
        json_writer_end(out);
    }
    json_writer_end(out);
    return json_writer_result(out);
}

bool recommendations_answer(struct worker *worker, struct request *request)
{
    struct recommendations_parameters *parameters = request->parameters;
    if (!recommendations_check_visitor(worker, request, parameters) ||
        !recommendations_choose_context(worker, request, parameters))
        return false;
    struct answering answering = {.parameters = parameters, .page.after = parameters->after};
    struct logged_answer answer = {.worker = worker,
                                   .request = request,
                                   .prepare = read_embedding,
                                   .write = write_embedding,
                                   .respond = write_answer,
                                   .own = &answering};
    answer.sequence.context_id = parameters->found ? parameters->found->id : 0;
    recommendations_set_query(request->arena, parameters, &answer.query);
    /* The remote recommender ranks one whole list: it is not asked for sections, of which several are ranked,
     * for later pages, which are cut from a kept list, and for searches. */
    answer.query.embedded_only = parameters->is_auto || parameters->after || parameters->wish;
    if (parameters->is_auto)
        answer.rank = rank_section;
    else if (parameters->is_newer)
        answer.rank = rank_page;
    if (answer.rank) {
        answering.asked = write_asked(request->arena, parameters);
        ranked_pages_key(answering.asked, answering.page.key);
    }
    if (!answer_logged(&answer))
        return false;
    if (answer.rank)
        ranked_pages_clean_later(request);
    return true;
}
