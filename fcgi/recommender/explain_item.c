/* Explains one item; see explain_item.h.
 *
 * Three questions, in this order. May the item appear at all: is it known, active, does it pass each
 * condition, is it excluded, and for which reasons (all of them, not only the first)? Where does it stand
 * among all items that may: engine_explain_item() gives its rank and what its score is made of. And is it in
 * the page: the list is made as for an answer and the item looked up in it; if it may appear but is not
 * there, what took its place?
 *
 * The last is a conclusion, not a measurement. An item that stood high enough before shaping was pushed off
 * by what shaping did, diversity before rotation; else its score is simply below the page.
 *
 * Cost: two rankings and one pass over the whole catalogue, so it is for looking into one item, not for each
 * answer. Chance (exploration) is left out, so that it is the same each time and counts no impression. */
#include "recommender/explain_item.h"

#include "base/id_prefix.h"
#include "engine/explain.h"
#include "engine/recommend.h"
#include "recommender/embedded.h"
#include "recommender/search_prepare.h"
#include "recommender/shaping/grouping.h"
#include "storage/items_read.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const char *const names[] = {
    [ABSENCE_UNKNOWN] = "unknown",       [ABSENCE_DELETED] = "deleted",
    [ABSENCE_INACTIVE] = "inactive",     [ABSENCE_FILTERED] = "filtered",
    [ABSENCE_PURCHASED] = "purchased",   [ABSENCE_VIEWED] = "already_seen",
    [ABSENCE_UNWANTED] = "excluded",     [ABSENCE_SEED] = "seed",
    [ABSENCE_ROTATED] = "rotated",       [ABSENCE_DIVERSITY] = "diversity",
    [ABSENCE_GROUP_FULL] = "group_full", [ABSENCE_BELOW] = "below_page",
};
static_assert(sizeof(names) / sizeof(*names) == ABSENCE__MAX, "a name for each absence");

const char *absence_name(enum absence absence)
{
    return (unsigned)absence < ABSENCE__MAX ? names[absence] : "unknown";
}

struct explaining {
    struct search *search;
    struct item_explanation *explanation;
    uint32_t index;
    size_t room; /* for reasons */
};

static void add_reason(struct explaining *explaining, enum absence absence,
                       const struct filter_condition *condition, const char *source)
{
    struct item_explanation *explanation = explaining->explanation;
    assert(explanation->reason_count < explaining->room);
    explanation->reasons[explanation->reason_count++] =
        (struct absence_reason){.absence = absence, .condition = condition, .source = source};
}

/* ---- Whether it may appear at all */

/* A catalogue in memory holds a deleted item as an inactive one, or not at all: only the database knows which it
 * is. The id is looked up there as everywhere, as it is and then without a prefix. */
static bool explain_state(struct explaining *explaining, bool found, const char *item_id, struct error *error)
{
    const struct search *search = explaining->search;
    const char *candidates[ID_CANDIDATES];
    const size_t count = id_candidates(ID_OF_ITEM, item_id, candidates);
    enum item_state state = ITEM_STATE_UNKNOWN;
    if (found && catalogue_is_active(search->catalogue, explaining->index))
        return true;
    for (size_t i = 0; i < count && state == ITEM_STATE_UNKNOWN; i++) {
        if (!items_read_state(search->db, search->query->tenant->id, candidates[i], &state, error))
            return false;
    }
    add_reason(explaining,
               state == ITEM_STATE_DELETED    ? ABSENCE_DELETED
               : state == ITEM_STATE_INACTIVE ? ABSENCE_INACTIVE
                                              : ABSENCE_UNKNOWN,
               NULL, NULL);
    return true;
}

/* Each condition that fails on its own, when the bracket as a whole does. */
static void explain_bracket(struct explaining *explaining, const struct filter_condition *conditions,
                            size_t count, const char *source)
{
    struct search *search = explaining->search;
    if (!count || filter_matches(filter_compile(search->arena, search->catalogue, conditions, count),
                                 explaining->index))
        return;
    for (size_t i = 0; i < count; i++) {
        struct filter *one = filter_compile(search->arena, search->catalogue, &conditions[i], 1);
        if (!filter_matches(one, explaining->index))
            add_reason(explaining, ABSENCE_FILTERED, &conditions[i], source);
    }
}

static void explain_exclusions(struct explaining *explaining)
{
    /* lint: tables, EXCLUSION_OTHER is not looked up. */
    static const enum absence absences[EXCLUSION__MAX] = {[EXCLUSION_PURCHASED] = ABSENCE_PURCHASED,
                                                          [EXCLUSION_VIEWED] = ABSENCE_VIEWED,
                                                          [EXCLUSION_UNWANTED] = ABSENCE_UNWANTED};
    const struct search *search = explaining->search;
    for (size_t i = 0; i < search->exclude_count; i++) {
        if (search->exclude[i] == explaining->index && search->exclude_reasons[i] != EXCLUSION_OTHER)
            add_reason(explaining, absences[search->exclude_reasons[i]], NULL, NULL);
    }
    for (size_t i = 0; search->query->strategy == ENGINE_SIMILAR && i < search->history_count; i++) {
        if (search->history[i].item == explaining->index)
            add_reason(explaining, ABSENCE_SEED, NULL, NULL);
    }
}

/* ---- Where it stands */

static void add_part(struct item_explanation *explanation, const char *name, double value)
{
    explanation->parts[explanation->part_count++] = (struct score_part){.name = name, .value = value};
}

/* What the score is made of, in the numbers that were used. */
static void explain_parts(struct item_explanation *explanation, const struct engine_query *query,
                          const struct engine_explanation *engine)
{
    /* lint: tables, what other sources add has a part of its own, or none. */
    static const char *const of_source[ENGINE_SOURCE__MAX] = {
        [ENGINE_SOURCE_TRENDING] = "recent_popularity", [ENGINE_SOURCE_POPULAR] = "popularity"};
    const char *name = of_source[engine->result.source];
    if (query->strategy == ENGINE_PERSONALIZED || query->strategy == ENGINE_SIMILAR) {
        add_part(explanation, "behaviour", engine->behaviour);
        add_part(explanation, "transitions", engine->transitions);
        add_part(explanation, "trend", engine->trend);
        add_part(explanation, "content", engine->content);
        add_part(explanation, "relevance", engine->relevance);
    }
    if (engine->result.source == ENGINE_SOURCE_NEWEST)
        add_part(explanation, "age_days", -(double)engine->result.raw);
    else if (name)
        add_part(explanation, name, (double)engine->result.raw);
    add_part(explanation, "ranked_score", (double)engine->result.score);
}

/* Its place among all items that may appear, or what its score would be if it might. The whole ranking is run
 * only for its length. */
static void find_place(struct explaining *explaining)
{
    struct item_explanation *explanation = explaining->explanation;
    struct search *search = explaining->search;
    size_t total = catalogue_item_count(search->catalogue);
    size_t limit = total < GROUPING_LIMIT ? total : GROUPING_LIMIT;
    struct engine_explanation engine;
    struct engine_result *results;
    struct engine_query query = search_query(search, search->query->strategy, search->query->quantity);
    explanation->list_length = search_run(search, search->query->strategy, limit, &results);
    if (!catalogue_is_active(search->catalogue, explaining->index))
        return;
    engine_explain_item(&query, explaining->index, search->arena, &engine);
    explanation->has_score = true;
    explanation->list_rank = engine.rank;
    explanation->score = explanation->ranked_score = (double)engine.result.score;
    explanation->raw = (double)engine.result.raw;
    explanation->source = engine_source_name(engine.result.source);
    explain_parts(explanation, &query, &engine);
}

/* ---- The page */

/* The page's lowest score is that of its last entry. */
static void look_in_items(struct item_explanation *explanation, const struct recommendation_list *list)
{
    for (size_t i = 0; i < list->item_count; i++) {
        explanation->page_lowest = list->items[i].score;
        if (strcmp(list->items[i].id, explanation->id))
            continue;
        explanation->rank = i + 1;
        explanation->score = list->items[i].score;
    }
}

/* A group's score is that of its first item. */
static void look_in_groups(struct item_explanation *explanation, const struct recommendation_list *list)
{
    for (size_t i = 0; i < list->group_count; i++) {
        const struct recommendation_group *group = &list->groups[i];
        explanation->page_lowest = group->items[0].score;
        for (size_t j = 0; j < group->item_count; j++) {
            if (strcmp(group->items[j].id, explanation->id))
                continue;
            explanation->rank = i + 1;
            explanation->group = group->key;
            explanation->score = group->items[j].score;
        }
    }
}

/* Eligible, but not in the page: what took its place? */
static void explain_place(struct explaining *explaining)
{
    struct item_explanation *explanation = explaining->explanation;
    const struct ranking_trace *trace = &explanation->trace;
    const struct context_settings *context = explaining->search->query->context;
    bool groups = context && context->group_count > 0;
    bool was_within = explanation->list_rank && explanation->list_rank <= explanation->page_count;
    if (groups && explanation->score >= explanation->page_lowest && explanation->page_count)
        add_reason(explaining, ABSENCE_GROUP_FULL, NULL, NULL);
    else if (was_within && trace->varied)
        add_reason(explaining, ABSENCE_DIVERSITY, NULL, NULL);
    else if (was_within && trace->rotated)
        add_reason(explaining, ABSENCE_ROTATED, NULL, NULL);
    else
        add_reason(explaining, ABSENCE_BELOW, NULL, NULL);
}

/* Makes the page as an answer would, with a search of its own, and looks the item up in it. */
static bool look_in_page(struct explaining *explaining, const struct recommendation_query *query,
                         struct error *error)
{
    struct item_explanation *explanation = explaining->explanation;
    struct search *search = explaining->search;
    struct recommendation_list list;
    if (!embedded_recommend(search->catalogue, search->db, query, search->arena, &list, error))
        return false;
    explanation->trace = list.trace;
    explanation->page_count = list.item_count + list.group_count;
    look_in_items(explanation, &list);
    look_in_groups(explanation, &list);
    explanation->appears = explanation->rank > 0;
    if (!explanation->appears && !explanation->reason_count)
        explain_place(explaining);
    return true;
}

/* The query without what is left to chance, so that explaining an item counts as no impression of another. */
static struct recommendation_query drop_chance(struct arena *arena, const struct recommendation_query *query)
{
    struct recommendation_query plain = *query;
    if (query->context) {
        struct context_settings *context = arena_alloc(arena, 1, sizeof(*context));
        *context = *query->context;
        context->exploration.share = 0;
        plain.context = context;
    }
    return plain;
}

bool explain_item(struct catalogue *catalogue, struct database *db, const struct recommendation_query *query,
                  const char *item_id, struct arena *arena, struct item_explanation *explanation,
                  struct error *error)
{
    struct recommendation_query plain = drop_chance(arena, query);
    struct search search = {.catalogue = catalogue, .db = db, .query = &plain, .arena = arena};
    struct explaining explaining = {.search = &search, .explanation = explanation};
    *explanation = (struct item_explanation){.id = item_id, .name = "", .source = ""};
    /* Each condition may fail once, in the context and in the request, and each other reason applies once. */
    explaining.room = 2 * LIMIT_FILTER_CONDITIONS + ABSENCE__MAX;
    explanation->reasons = arena_alloc(arena, explaining.room, sizeof(*explanation->reasons));
    if (!search_prepare(&search, error))
        return false;
    struct engine_item item;
    bool found = search_find_item(catalogue, item_id, &explaining.index);
    if (!explain_state(&explaining, found, item_id, error))
        return false;
    explanation->is_known = found;
    if (found) {
        catalogue_get(catalogue, explaining.index, &item);
        explanation->id = item.id;
        explanation->name = item.name;
        if (plain.context)
            explain_bracket(&explaining, plain.context->filters, plain.context->filter_count, "context");
        explain_bracket(&explaining, plain.filters, plain.filter_count, "request");
        explain_exclusions(&explaining);
        find_place(&explaining);
    }
    return look_in_page(&explaining, &plain, error);
}
