/* What every recommending endpoint does alike: one transaction that holds what was asked and what was
 * answered, and an answer that exists only if both are committed.
 *
 * Whatever may take long comes before the transaction begins, the remote recommender and all ranking: while
 * it is slow, this worker holds no transaction, no row lock and no snapshot, and only its own caller waits.
 * When the transaction is run a second time (a deadlock), the remote recommender's reply is used again. */
#ifndef PALATE_API_RECOMMEND_ANSWER_LOGGED_H
#define PALATE_API_RECOMMEND_ANSWER_LOGGED_H

#include "recommender/recommender.h"
#include "request/request.h"
#include "storage/ranked_lists.h"
#include "storage/request_logs.h"

/* An endpoint's own part. */
struct logged_answer {
    struct worker *worker;
    struct request *request;
    struct sequence_row sequence; /* all but task, template and context is filled in */
    struct recommendation_query query;

    /* Optional: more to read before ranking. It writes nothing. */
    bool (*prepare)(struct logged_answer *answer, struct error *error);
    /* Optional: ranks instead of recommender_recommend(), for what is more than one list. It writes nothing.
     */
    bool (*rank)(struct logged_answer *answer, struct recommendation_list *list, struct error *error);
    /* Optional: more to write in the transaction, once the list is ranked; begins it (database_begin_late).
     */
    bool (*write)(struct logged_answer *answer, struct error *error);
    /* Writes the response from what was ranked, once it is committed; decision_id is the row's number. */
    const char *(*respond)(struct logged_answer *answer, const struct recommendation_list *list,
                           uint64_t decision_id);
    void *own; /* the endpoint's parameters */

    unsigned char settlement_key[SETTLEMENT_KEY_BYTES]; /* filled in */
    uint64_t decision_id;                               /* of the row; filled in */
    struct recommendation_list list;                    /* what was ranked; filled in */

    /* Set by rank: a list that is stored with the answer, for later pages; NULL: none. */
    const char *kept;
    unsigned char kept_key[RANKED_LIST_KEY_BYTES];
};

/* Runs it: the remote recommender if it is to be asked, then prepare, rank, what is written beside the rows,
 * both rows and COMMIT in one statement, respond, which cannot fail. On failure nothing is stored. */
bool answer_logged(struct logged_answer *answer) __attribute__((nonnull));

/* The number by which an answer's entry is known outside: leads back to the decision row and the rank. */
int64_t recommendation_id(uint64_t decision_id, size_t rank);

#endif
