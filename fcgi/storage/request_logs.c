/* The two logs; see request_logs.h.
 *
 * Most requests write nothing but their two rows. So these rows, the COMMIT and the number of the decision
 * are one compound statement, and BEGIN is part of it where no other write has come before: one trip to the
 * database and back, where statements one by one take five. What became of a COMMIT that got no answer is
 * found out by the decision's settlement key (storage/transaction.h). */
#include "storage/request_logs.h"

#include "storage/query.h"
#include "storage/settlement.h"

#define LOG_ROWS                                                                                             \
    " INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, entity_type, user_id, named_as, "   \
    "task,"                                                                                                  \
    " template, context_id, input) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, 0), ?);"                     \
    " INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation,"         \
    " result_count, results, processing_us) VALUES (?, LAST_INSERT_ID(), ?, ?, ?, ?, ?, ?);"                 \
    " COMMIT; SELECT LAST_INSERT_ID(); END"

static const struct statement LOG_AND_COMMIT = {"BEGIN NOT ATOMIC START TRANSACTION;" LOG_ROWS};
static const struct statement LOG_AND_COMMIT_BEGUN = {"BEGIN NOT ATOMIC" LOG_ROWS};

static const struct statement FIND_DECISION = {
    "SELECT decision_id FROM decisions"
    " WHERE tenant_id = ? AND settlement_key = ? LOCK IN SHARE MODE"};

enum commit_outcome request_logs_commit(struct database *db, const struct sequence_row *sequence,
                                        const struct decision_row *decision, uint64_t *decision_id,
                                        struct error *error)
{
    const char *named = entity_user_id(sequence->entity) ? named_as(sequence->entity.is_visitor) : NULL;
    return query_commit(db, database_has_begun(db) ? &LOG_AND_COMMIT_BEGUN : &LOG_AND_COMMIT, decision_id,
                        error, sequence->tenant_id, sequence->request_id, sequence->endpoint,
                        sequence->client_id, entity_type_name(sequence->entity.type), sequence->entity.id,
                        named, sequence->task, sequence->template_name, sequence->context_id, sequence->input,
                        decision->tenant_id, BYTES(decision->settlement_key, SETTLEMENT_KEY_BYTES),
                        decision->recommender, decision->model_generation, decision->result_count,
                        decision->results, decision->processing_us);
}

bool decisions_find_committed(struct database *db, uint32_t tenant_id,
                              const unsigned char key[SETTLEMENT_KEY_BYTES], uint64_t *decision_id,
                              bool *found, struct error *error)
{
    struct query query;
    *found = settlement_wait(db, tenant_id, error) &&
             query_find(&query, db, &FIND_DECISION, error, tenant_id, BYTES(key, SETTLEMENT_KEY_BYTES));
    if (*found)
        *decision_id = query_uint64(&query, 0);
    return error->code == ERROR_NONE;
}
