/* The shadow: what the remote recommender would have shown, logged beside the decision and never shown.
 *
 * The query is sent from a child process with connections of its own, because a web server hands the next
 * request to this worker as soon as its answer is out, and that request must not wait for a slow service. */
#ifndef PALATE_RECOMMENDER_SHADOW_H
#define PALATE_RECOMMENDER_SHADOW_H

#include "base/config.h"
#include "recommender/catalogues.h"
#include "recommender/query.h"
#include "remote/remote.h"
#include "storage/database.h"

/* What the worker has. The child makes a connection of its own to the database and to the remote recommender,
 * and goes on with its copy of the catalogues as they are now. */
struct shadow_means {
    const struct config *config;
    struct catalogues *catalogues;
    struct remote *remote;
    struct database *db;
};

/* Returns at once; what becomes of it stands in the table shadow_decisions. While the circuit breaker lets nobody
 * pass no process is made, and the worker itself notes that. */
void shadow_ask(const struct shadow_means *means, const struct recommendation_query *query,
                uint64_t decision_id) __attribute__((nonnull));

#endif
