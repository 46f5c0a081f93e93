/* One search of the embedded recommender; see search.h. */
#include "recommender/search.h"

#include "recommender/remote_recommender.h"

#include <string.h>

void search_exclude(struct search *search, uint32_t index)
{
    if (search->exclude_count == search->exclude_size) {
        size_t size = search->exclude_size ? 2 * search->exclude_size : 256;
        uint32_t *grown = arena_alloc(search->arena, size, sizeof(*grown));
        if (search->exclude_count)
            memcpy(grown, search->exclude, search->exclude_count * sizeof(*grown));
        search->exclude = grown;
        search->exclude_size = size;
    }
    search->exclude[search->exclude_count++] = index;
}

size_t search_run(struct search *search, enum engine_strategy strategy, size_t limit,
                  struct engine_result **results)
{
    *results = arena_alloc(search->arena, limit, sizeof(**results));
    return engine_recommend(&(struct engine_query){.catalogue = search->catalogue,
                                                   .strategy = strategy,
                                                   .history = search->history,
                                                   .history_count = search->history_count,
                                                   .newest_first = search->newest_first,
                                                   .filters = search->filters,
                                                   .filter_count = search->filter_count,
                                                   .preferences = &search->preference,
                                                   .preference_count = search->preference ? 1 : 0,
                                                   .exclude = search->exclude,
                                                   .exclude_count = search->exclude_count,
                                                   .limit = limit,
                                                   .now = search->query->now},
                            search->arena, *results);
}

size_t search_pool(struct search *search, size_t limit, struct engine_result **results)
{
    const struct remote_part *remote = search->query->remote;
    return remote && remote->reply.outcome == REMOTE_ANSWERED
               ? remote_recommender_pool(search, limit, results)
               : search_run(search, search->query->strategy, limit, results);
}
