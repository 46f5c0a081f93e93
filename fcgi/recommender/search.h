/* One search of the embedded recommender: what is asked, in the engine's indices. Private to embedded.c and
 * shape_list.c. Lives in the request's arena. */
#ifndef PALATE_RECOMMENDER_SEARCH_H
#define PALATE_RECOMMENDER_SEARCH_H

#include "recommender/recommender.h"

struct search {
    struct catalogue *catalogue;
    struct database *db;
    const struct recommendation_query *query;
    struct arena *arena;
    struct engine_history_entry *history;
    size_t history_count;
    bool newest_first; /* of the history: the engine weighs how recent an entry is */
    uint32_t *exclude;
    size_t exclude_count, exclude_size;
    const struct filter *filters[2];
    size_t filter_count;
    const struct filter *preference;
};

/* Leaves an item out of what search_run() finds from now on. */
void search_exclude(struct search *search, uint32_t index) __attribute__((nonnull));

/* The list that answers the query, by whoever ranks it: *results has room for limit; returns how many there
 * are. Filters, exclusions and preferences hold for the remote recommender's list as for the engine's. */
size_t search_pool(struct search *search, size_t limit, struct engine_result **results)
    __attribute__((nonnull));

/* Ranks by a strategy, with the engine: *results has room for limit; returns how many there are. */
size_t search_run(struct search *search, enum engine_strategy strategy, size_t limit,
                  struct engine_result **results) __attribute__((nonnull));

#endif
