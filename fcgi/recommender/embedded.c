/* The embedded recommender; see embedded.h.
 *
 * The steps of a list: search_prepare() turns ids into indices, reads the history and compiles the filters;
 * whoever ranks (the engine, the remote recommender's list, or the search for a text) gives a pool of ranked
 * items; shaping reorders it as the context wants; then the items that are shown are described from the
 * catalogue. Items stay indices until that last step, so that texts are touched only for what is shown.
 *
 * A list of groups is cut from a ranking whose length is not known before: one group may hold the best
 * thousand items. So it ranks a thousand, cuts, and ranks ten times as many while the groups are not
 * complete, up to the whole catalogue. The first try is enough unless a few groups
 * hold nearly all of the best items. */
#include "recommender/embedded.h"

#include "base/work_budget.h"
#include "engine/recommend.h"
#include "recommender/remote_recommender.h"
#include "recommender/search.h"
#include "recommender/search_prepare.h"
#include "recommender/shaping/grouping.h"
#include "recommender/shaping/shape_list.h"
#include "recommender/text_ranker.h"

/* Fills what the catalogue knows of the item; its pointers stay valid as catalogue_get()'s. */
static void describe_item(const struct search *search, uint32_t index, struct recommendation *item)
{
    struct engine_item content;
    catalogue_get(search->catalogue, index, &content);
    item->id = content.id;
    item->name = content.name;
    item->description = content.description;
    item->metadata = content.metadata;
    item->created = content.created;
    item->updated = content.updated;
    item->vector = catalogue_embedding(search->catalogue, index);
}

/* The engine's value and score before the list was shaped; nothing for an item that it did not rank. */
static void find_ranked(const struct search *search, uint32_t index, struct recommendation *item)
{
    enum { STEP_RESULTS = 32 };
    if (!work_budget_take(1 + search->ranked_count / STEP_RESULTS))
        return;
    for (size_t i = 0; i < search->ranked_count && search->ranked; i++) {
        if (search->ranked[i].item == index) {
            item->has_parts = true;
            item->raw = (double)search->ranked[i].raw;
            item->ranked_score = (double)search->ranked[i].score;
            return;
        }
    }
}

static struct recommendation make_recommendation(const struct search *search,
                                                 const struct engine_result *result)
{
    struct recommendation item = {.score = (double)result->score,
                                  .source = engine_source_name(result->source)};
    describe_item(search, result->item, &item);
    find_ranked(search, result->item, &item);
    return item;
}

/* The usual list: items, shaped as the context wants. */
static bool rank_items(struct search *search, struct recommendation_list *list, struct error *error)
{
    struct engine_result *results;
    if (!shape_list(search, &results, &list->item_count, error))
        return false;
    list->items = arena_alloc(search->arena, list->item_count + 1, sizeof(*list->items));
    for (size_t i = 0; i < list->item_count; i++)
        list->items[i] = make_recommendation(search, &results[i]);
    search->trace.ranked = list->item_count;
    return true;
}

/* Groups are cut from a ranked list that is made longer until there are enough of them, or no more items. */
static void rank_groups(struct search *search, struct recommendation_list *list)
{
    struct engine_result *results;
    struct group *groups;
    const struct recommendation_query *query = search->query;
    size_t wanted = query->length > query->quantity ? query->length : query->quantity;
    size_t total = catalogue_item_count(search->catalogue), limit = 1000, count, group_count;
    do {
        count = search->pool(search, limit, &results);
        group_count =
            grouping_cut(search->arena, search->catalogue, query->context, results, count, wanted, &groups);
        if (count < limit || limit >= total || limit >= GROUPING_LIMIT)
            break;
        limit = limit * 10 < GROUPING_LIMIT ? limit * 10 : GROUPING_LIMIT;
    } while (!grouping_is_complete(groups, group_count, wanted, query->context));
    search->ranked = query->explain ? results : NULL;
    search->ranked_count = count;
    search->trace.ranked = group_count;
    list->groups = arena_alloc(search->arena, group_count ? group_count : 1, sizeof(*list->groups));
    list->group_count = group_count;
    for (size_t i = 0; i < group_count; i++) {
        struct recommendation_group *to = &list->groups[i];
        to->key = groups[i].key;
        to->item_count = groups[i].count;
        to->items = arena_alloc(search->arena, groups[i].count, sizeof(*to->items));
        for (size_t j = 0; j < groups[i].count; j++)
            to->items[j] = make_recommendation(search, &groups[i].results[j]);
    }
}

/* An enum exclusion, or EXCLUSION__MAX. */
static unsigned find_exclusion(const struct search *search, uint32_t item)
{
    for (size_t i = 0; i < search->exclude_count; i++) {
        if (search->exclude[i] == item && search->exclude_reasons[i] != EXCLUSION_OTHER)
            return search->exclude_reasons[i];
    }
    return EXCLUSION__MAX;
}

static const char *find_reason(const struct search *search, uint32_t item)
{
    /* lint: tables, find_exclusion() passes EXCLUSION_OTHER over. */
    static const char *const names[EXCLUSION__MAX] = {[EXCLUSION_PURCHASED] = "purchased",
                                                      [EXCLUSION_VIEWED] = "already_seen",
                                                      [EXCLUSION_UNWANTED] = "excluded"};
    unsigned exclusion = find_exclusion(search, item);
    if (exclusion < EXCLUSION__MAX)
        return names[exclusion];
    return filter_all_match(search->filters, search->filter_count, item) ? NULL : "filtered";
}

/* What would stand in the list if nothing kept it out, for callers who want to see what their filters and
 * exclusions take away: of the best items without either, as many as the page, those that may not appear. */
static void find_suppressed(struct search *search, struct recommendation_list *list)
{
    /* A copy of the search that keeps nothing out; the remote recommender's list plays no part in it. */
    struct search open = *search;
    struct engine_result *results;
    open.exclude_count = open.filter_count = 0;
    size_t count = search_run(&open, search->query->strategy, search->query->quantity, &results);
    list->suppressed = arena_alloc(search->arena, count + 1, sizeof(*list->suppressed));
    for (size_t i = 0; i < count; i++) {
        const char *reason = find_reason(search, results[i].item);
        if (reason)
            list->suppressed[list->suppressed_count++] =
                (struct suppressed_item){.id = catalogue_id(search->catalogue, results[i].item),
                                         .score = (double)results[i].score,
                                         .rank = i + 1,
                                         .reason = reason};
    }
}

/* The pool where nothing else ranks. */
static size_t rank_by_engine(struct search *search, size_t limit, struct engine_result **results)
{
    return search_run(search, search->query->strategy, limit, results);
}

bool embedded_recommend(struct catalogue *catalogue, struct database *db,
                        const struct recommendation_query *query, struct arena *arena,
                        struct recommendation_list *list, struct error *error)
{
    struct search search = {.catalogue = catalogue, .db = db, .query = query, .arena = arena};
    const struct model *model = catalogue_model(catalogue);
    bool is_remote = query->remote && query->remote->reply.outcome == REMOTE_ANSWERED;
    search.pool = query->wish ? text_ranker_pool : is_remote ? remote_recommender_pool : rank_by_engine;
    *list = (struct recommendation_list){.recommender = "embedded",
                                         .note = "embedded",
                                         .model_generation = model ? model_generation(model) : 0};
    if (!search_prepare(&search, error))
        return false;
    list->has_history = search.history_count > 0;
    if (query->context && query->context->group_count)
        rank_groups(&search, list);
    else if (!rank_items(&search, list, error))
        return false;
    /* After ranking, which has counted what was dropped and filled. */
    remote_recommender_note(query, arena, list);
    list->trace = search.trace;
    list->explored = search.explored;
    if (query->list_suppressed)
        find_suppressed(&search, list);
    return true;
}

/* Keeps, described, what may still be shown; returns how many of the count. A list that was ranked for an
 * earlier page may hold items that have been deleted, or no longer pass a filter, since. */
static size_t recall_items(const struct search *search, struct recommendation *items, size_t count,
                           size_t limit)
{
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < limit && work_budget_take(1); i++) {
        uint32_t index;
        if (!search_find_item(search->catalogue, items[i].id, &index) ||
            !filter_is_eligible(search->catalogue, search->filters, search->filter_count, index))
            continue;
        items[kept] = items[i];
        describe_item(search, index, &items[kept++]);
    }
    return kept;
}

void embedded_recall(struct catalogue *catalogue, const struct recommendation_query *query, size_t limit,
                     struct arena *arena, struct recommendation_list *list)
{
    struct search search = {.catalogue = catalogue, .query = query, .arena = arena};
    size_t kept = 0;
    search_prepare_filters(&search);
    list->item_count = recall_items(&search, list->items, list->item_count, limit);
    for (size_t i = 0; i < list->group_count && kept < limit; i++) {
        struct recommendation_group *group = &list->groups[kept];
        *group = list->groups[i];
        group->item_count = recall_items(&search, group->items, group->item_count, LIMIT_GROUP_ITEMS);
        kept += group->item_count > 0;
    }
    list->group_count = kept;
}
