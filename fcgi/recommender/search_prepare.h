/* Everything of a query that stands before the ranking, in the engine's indices: the history, what is left
 * out and why, and the compiled filters. Shared by the list (embedded.c) and its explanation
 * (explain_item.c), so that both go by the same. Does not rank. */
#ifndef PALATE_RECOMMENDER_SEARCH_PREPARE_H
#define PALATE_RECOMMENDER_SEARCH_PREPARE_H

#include "recommender/search.h"

/* Reads the user's events. search has catalogue, db, query and arena; the rest is set. Errors: the
 * database's. */
bool search_prepare(struct search *search, struct error *error) __attribute__((nonnull, warn_unused_result));

/* The ids of the items that the user viewed in the query's window; none where there is no window or no user.
 */
bool search_read_viewed(struct database *db, struct arena *arena, const struct recommendation_query *query,
                        const char ***ids, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The bracket of conditions that the catalogue's items have to pass: only filters, no exclusions. */
void search_prepare_filters(struct search *search) __attribute__((nonnull));

#endif
