/* One search of the embedded recommender: the query in the engine's indices. Private to the embedded
 * recommender's files. Lives in the request's arena. */
#ifndef PALATE_RECOMMENDER_SEARCH_H
#define PALATE_RECOMMENDER_SEARCH_H

#include "recommender/query.h"

/* Why an item is left out, whatever its rank; one may have several reasons. */
enum exclusion { EXCLUSION_OTHER, EXCLUSION_PURCHASED, EXCLUSION_VIEWED, EXCLUSION_UNWANTED, EXCLUSION__MAX };

struct search {
    /* Ranks the list that answers the query; set by embedded.c, which knows the engine, the remote
     * recommender's list and the search for texts. *results has room for limit; returns how many there are.
     * Filters, exclusions and preferences hold whoever ranks. */
    size_t (*pool)(struct search *search, size_t limit, struct engine_result **results);
    struct catalogue *catalogue;
    struct database *db;
    const struct recommendation_query *query;
    struct arena *arena;
    struct engine_history_entry *history;
    size_t history_count;
    bool newest_first; /* of the history: the engine weighs how recent an entry is */
    uint32_t *exclude;
    uint8_t *exclude_reasons; /* an enum exclusion for each */
    size_t exclude_count, exclude_size;
    const struct filter *filters[3]; /* context's, request's, strict preferences */
    size_t filter_count;
    const struct filter *preference;
    struct ranking_trace trace;
    const char *explored;         /* JSON list of the ids that exploration placed; NULL: none */
    struct engine_result *ranked; /* the list before it was shaped; NULL: not wanted */
    size_t ranked_count;
};

/* Finds an item, active or not, by the id that a caller gave: as it is, else without a prefix of the first
 * clients (base/id_prefix.h). *index is set only when found. */
bool search_find_item(const struct catalogue *catalogue, const char *id, uint32_t *index)
    __attribute__((nonnull, warn_unused_result));

/* Leaves an item out of what search_run() finds from now on. */
void search_exclude(struct search *search, uint32_t index) __attribute__((nonnull));

/* The same with a reason; false when it was left out for that already. */
bool search_exclude_for(struct search *search, uint32_t index, enum exclusion reason)
    __attribute__((nonnull));

/* The same for an item that is known not to be left out for this reason yet; does not look it up. */
void search_exclude_new(struct search *search, uint32_t index, enum exclusion reason)
    __attribute__((nonnull));

/* The search as the engine takes it: the one place where its history, filters, preference and exclusions are
 * handed over. */
struct engine_query search_query(const struct search *search, enum engine_strategy strategy, size_t limit)
    __attribute__((nonnull));

/* Ranks by a strategy, with the engine: *results has room for limit; returns how many there are. */
size_t search_run(struct search *search, enum engine_strategy strategy, size_t limit,
                  struct engine_result **results) __attribute__((nonnull));

#endif
