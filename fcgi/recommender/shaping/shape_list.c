/* From a search to the list that is shown; see shape_list.h.
 *
 * The order of the steps is not arbitrary. Rotation changes scores, so it comes before diversity, which
 * weighs scores against likeness; and exploration comes last, because what it places must not be reordered
 * away.
 *
 * Choosing needs more than is shown: with any of the three, a pool of four times the page and fifty more is
 * ranked. Pages after the first are cut from the same list (query->length), so all of it is shaped at once,
 * and diversity always works on as many items as one answer can hold: otherwise the second page would depend
 * on the size of the first. */
#include "recommender/shaping/shape_list.h"

#include "base/json_write.h"
#include "engine/catalogue.h"
#include "storage/impressions.h"

#include <string.h>

enum { EXPLORATION_POOL = 200 };

/* Moves down what was shown to the user lately and not clicked. */
static bool rotate_shown(struct search *search, struct engine_result *results, size_t count,
                         struct error *error)
{
    const struct recommendation_query *query = search->query;
    const struct rotation *rotation = &query->context->rotation;
    struct shown_row *shown;
    size_t shown_count;
    if (!rotation->hours || !query->uses_events)
        return true;
    if (!impressions_read_shown(search->db, search->arena, query->tenant->id, query->entity,
                                query->now - rotation->hours * 3600LL, &shown, &shown_count, error))
        return false;
    rotate(search->catalogue, rotation, shown, shown_count, search->history, search->history_count, results,
           count);
    return true;
}

/* Ids of items as a JSON list. */
static const char *id_list(struct search *search, const uint32_t *items, size_t count)
{
    const char **ids = arena_alloc(search->arena, count + 1, sizeof(*ids));
    for (size_t i = 0; i < count; i++)
        ids[i] = catalogue_id(search->catalogue, items[i]);
    return json_of_texts(search->arena, ids, count);
}

/* Sets how often the new items among the candidates have been explored: one query for all of them. */
static bool read_explored(struct search *search, struct exploration_candidate *candidates, size_t count,
                          struct error *error)
{
    uint32_t *items = arena_alloc(search->arena, count + 1, sizeof(*items));
    struct shown_row *rows;
    size_t row_count, new_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].explored == 0)
            items[new_count++] = candidates[i].result.item;
    }
    if (!impressions_read_explored(search->db, search->arena, search->query->tenant->id,
                                   id_list(search, items, new_count), &rows, &row_count, error))
        return false;
    for (size_t i = 0; i < row_count; i++) {
        uint32_t item;
        if (!catalogue_find(search->catalogue, rows[i].item_id, strlen(rows[i].item_id), &item))
            continue;
        for (size_t k = 0; k < count; k++) {
            if (candidates[k].result.item == item && candidates[k].explored == 0)
                candidates[k].explored = rows[i].times;
        }
    }
    return true;
}

/* The newest eligible items, and those that the ranking left over. All are excluded from further runs. */
static struct exploration_candidate *find_candidates(struct search *search, const struct engine_result *rest,
                                                     size_t rest_count, size_t *count)
{
    uint32_t granted = (uint32_t)search->query->context->exploration.impressions;
    for (size_t i = 0; i < rest_count; i++)
        search_exclude(search, rest[i].item);
    struct engine_result *newest;
    size_t newest_count = search_run(search, ENGINE_NEWEST, EXPLORATION_POOL, &newest);
    struct exploration_candidate *candidates =
        arena_alloc(search->arena, newest_count + rest_count + 1, sizeof(*candidates));
    *count = 0;
    for (size_t i = 0; i < newest_count + rest_count; i++) {
        const struct engine_result *result = i < newest_count ? &newest[i] : &rest[i - newest_count];
        bool is_new = catalogue_events(search->catalogue, result->item) < granted;
        candidates[(*count)++] =
            (struct exploration_candidate){.result = *result, .explored = is_new ? 0 : UINT32_MAX};
    }
    return candidates;
}

/* Explores on the page, with which pool[pool_count] begins. What is placed is counted in the transaction of
 * the answer, which begins behind all ranking: both are committed, or neither. */
static bool give_places(struct search *search, struct engine_result *pool, size_t pool_count, size_t count,
                        struct error *error)
{
    const struct recommendation_query *query = search->query;
    size_t places = exploration_places(&query->context->exploration, count, query->seed), candidate_count;
    if (places == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        search_exclude(search, pool[i].item);
    struct exploration_candidate *candidates =
        find_candidates(search, pool + count, pool_count - count, &candidate_count);
    if (!read_explored(search, candidates, candidate_count, error))
        return false;
    uint32_t *explored = arena_alloc(search->arena, places, sizeof(*explored));
    size_t found = explore(search->arena, &query->context->exploration, query->seed, candidates,
                           candidate_count, pool, count, places, explored);
    search->trace.explored = found;
    search->explored = found ? id_list(search, explored, found) : NULL;
    return true;
}

static bool is_among(const struct engine_result *results, size_t count, uint32_t item)
{
    for (size_t i = 0; i < count; i++) {
        if (results[i].item == item)
            return true;
    }
    return false;
}

/* Explores on the page; what it pushed off the page stands behind it in the list. */
static bool explore_page(struct search *search, struct engine_result **results, size_t pool, size_t *count,
                         struct error *error)
{
    size_t page = search->query->quantity < *count ? search->query->quantity : *count, length = page;
    struct engine_result *list = arena_alloc(search->arena, *count + page, sizeof(*list));
    struct engine_result *before = arena_alloc(search->arena, *count + 1, sizeof(*before));
    memcpy(before, *results, *count * sizeof(*before));
    if (!give_places(search, *results, pool, page, error))
        return false;
    memcpy(list, *results, page * sizeof(*list));
    for (size_t i = 0; i < *count; i++) {
        if (!is_among(*results, page, before[i].item))
            list[length++] = before[i];
    }
    *results = list;
    *count = length < *count ? length : *count;
    return true;
}

/* No score above the one before it. */
static void level_scores(struct engine_result *results, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (results[i].score > results[i - 1].score)
            results[i].score = results[i - 1].score;
    }
}

bool shape_list(struct search *search, struct engine_result **results, size_t *count, struct error *error)
{
    const struct recommendation_query *query = search->query;
    const struct context_settings *context = query->context;
    size_t length = query->length > query->quantity ? query->length : query->quantity;
    /* All pages are varied alike, whatever their size, as far as one answer can reach. */
    size_t varied = length > query->quantity ? LIMIT_QUANTITY : query->quantity;
    bool diverse = context && diversity_is_on(&context->diversity);
    bool exploring = context && context->exploration.share > 0;
    bool rotating = context && context->rotation.hours > 0;
    size_t wanted = diverse || exploring || rotating ? diversify_pool(varied) : length;
    size_t pool = search->pool(search, wanted < length ? length : wanted, results);
    *count = pool < length ? pool : length;
    /* Kept as the engine ranked it, for explanations: shaping works in place. */
    search->ranked = query->explain ? arena_alloc(search->arena, pool + 1, sizeof(*search->ranked)) : NULL;
    search->ranked_count = pool;
    if (search->ranked)
        memcpy(search->ranked, *results, pool * sizeof(*search->ranked));
    if (rotating && !rotate_shown(search, *results, pool, error))
        return false;
    if (diverse)
        diversify(search->arena, search->catalogue, &context->diversity, *results, pool, varied);
    level_scores(*results, diverse ? *count : 0);
    search->trace.rotated = rotating;
    search->trace.varied = diverse;
    return !exploring || explore_page(search, results, pool, count, error);
}
