/* One search of the embedded recommender; see search.h.
 *
 * Exclusions are a growing array with a reason for each entry, in the arena: growing copies it, and the old
 * one is reclaimed with the request. An item may be there several times, each with another reason, because an
 * explanation lists all of them; the engine only sets a bit for each. */
#include "recommender/search.h"

#include "base/id_prefix.h"
#include "engine/recommend.h"

#include <string.h>

bool search_find_item(const struct catalogue *catalogue, const char *id, uint32_t *index)
{
    const char *candidates[ID_CANDIDATES];
    size_t count = id_candidates(ID_OF_ITEM, id, candidates);
    for (size_t i = 0; i < count; i++) {
        if (catalogue_find(catalogue, candidates[i], strlen(candidates[i]), index))
            return true;
    }
    return false;
}

static void grow_exclusions(struct search *search)
{
    size_t size = search->exclude_size ? 2 * search->exclude_size : 256;
    uint32_t *items = arena_alloc(search->arena, size, sizeof(*items));
    uint8_t *reasons = arena_alloc(search->arena, size, sizeof(*reasons));
    if (search->exclude_count) {
        memcpy(items, search->exclude, search->exclude_count * sizeof(*items));
        memcpy(reasons, search->exclude_reasons, search->exclude_count * sizeof(*reasons));
    }
    search->exclude = items;
    search->exclude_reasons = reasons;
    search->exclude_size = size;
}

void search_exclude(struct search *search, uint32_t index)
{
    if (search->exclude_count == search->exclude_size)
        grow_exclusions(search);
    search->exclude_reasons[search->exclude_count] = EXCLUSION_OTHER;
    search->exclude[search->exclude_count++] = index;
}

bool search_exclude_for(struct search *search, uint32_t index, enum exclusion reason)
{
    /* The ids of viewed items are distinct already, and there may be thousands: they are not looked up. */
    for (size_t i = 0; i < search->exclude_count && reason != EXCLUSION_VIEWED; i++) {
        if (search->exclude[i] == index && search->exclude_reasons[i] == reason)
            return false;
    }
    search_exclude_new(search, index, reason);
    return true;
}

void search_exclude_new(struct search *search, uint32_t index, enum exclusion reason)
{
    search_exclude(search, index);
    search->exclude_reasons[search->exclude_count - 1] = (uint8_t)reason;
}

struct engine_query search_query(const struct search *search, enum engine_strategy strategy, size_t limit)
{
    return (struct engine_query){.catalogue = search->catalogue,
                                 .strategy = strategy,
                                 .history = search->history,
                                 .history_count = search->history_count,
                                 .newest_first = search->newest_first,
                                 .upcoming_first = search->query->context && search->query->context->upcoming,
                                 .filters = search->filters,
                                 .filter_count = search->filter_count,
                                 .preferences = &search->preference,
                                 .preference_count = search->preference ? 1 : 0,
                                 .exclude = search->exclude,
                                 .exclude_count = search->exclude_count,
                                 .limit = limit,
                                 .now = search->query->now};
}

size_t search_run(struct search *search, enum engine_strategy strategy, size_t limit,
                  struct engine_result **results)
{
    struct engine_query query = search_query(search, strategy, limit);
    *results = arena_alloc(search->arena, limit, sizeof(**results));
    return engine_recommend(&query, search->arena, *results);
}
