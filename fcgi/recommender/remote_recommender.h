/* Between the remote recommender and the catalogue: what is sent to it, and which of its items are shown.
 *
 * Its list is foreign: ids that are unknown, inactive, another tenant's, refused by a filter, excluded or
 * repeated are dropped, whatever the query said. Does not decide when it is queried, nor speak HTTP. */
#ifndef PALATE_RECOMMENDER_REMOTE_RECOMMENDER_H
#define PALATE_RECOMMENDER_REMOTE_RECOMMENDER_H

#include "recommender/search.h"
#include "remote/remote.h"

struct remote_part {
    struct remote_reply reply;
    enum remote_fill fill;
    size_t dropped, filled; /* set by remote_recommender_pool(): entries not shown, and places not by it */
};

/* Sends the query; outside of any transaction. NULL: the user's events could not be read. Whether it answered
 * stands in the reply. */
struct remote_part *remote_recommender_ask(struct remote *remote, struct database *db,
                                           const struct recommendation_query *query, struct arena *arena,
                                           struct error *error) __attribute__((nonnull, warn_unused_result));

/* Which of the service's lists the query asks for. */
enum remote_list remote_recommender_list(const struct recommendation_query *query)
    __attribute__((nonnull, warn_unused_result));

/* Its list as far as it may be shown, filled up to limit as query->remote->fill says. Preferred items come
 * first and scores are in the engine's tiers, as in engine/recommend.h; they never rise. Callers must
 * have REMOTE_ANSWERED. */
size_t remote_recommender_pool(struct search *search, size_t limit, struct engine_result **results)
    __attribute__((nonnull));

/* Sets the list's recommender and note when query->remote is set. */
void remote_recommender_note(const struct recommendation_query *query, struct arena *arena,
                             struct recommendation_list *list) __attribute__((nonnull));

#endif
