/* The shadow: what the remote recommender would have shown, logged beside the decision and never shown.
 *
 * The query is sent from a child process with connections of its own, because a web server hands the next
 * request to this worker as soon as its answer is out, and that request must not wait for a slow service. */
#ifndef PALATE_RECOMMENDER_SHADOW_H
#define PALATE_RECOMMENDER_SHADOW_H

#include "recommender/catalogues.h"
#include "recommender/query.h"

/* Returns at once; what becomes of it stands in the table shadow_decisions. The child goes on with its copy
 * of the catalogues as they are now. */
void shadow_ask(const struct config *config, struct catalogues *catalogues,
                const struct recommendation_query *query, uint64_t decision_id) __attribute__((nonnull));

#endif
