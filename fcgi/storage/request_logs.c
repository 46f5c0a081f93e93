/* The two logs; see request_logs.h. */
#include "storage/request_logs.h"

#include "storage/query_old.h"

/* Both rows and the transaction's end in one round trip. */
#define LOG_ROWS                                                                                             \
    " INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, entity_type, user_id, task,"        \
    " template, context_id, input) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, 0), ?);"                        \
    " INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation,"         \
    " result_count, results, processing_us) VALUES (?, LAST_INSERT_ID(), ?, ?, ?, ?, ?, ?);"                 \
    " COMMIT; SELECT LAST_INSERT_ID(); END"

static const char SQL_COMMIT[] = "BEGIN NOT ATOMIC START TRANSACTION;" LOG_ROWS;
static const char SQL_COMMIT_BEGUN[] = "BEGIN NOT ATOMIC" LOG_ROWS;

static const char SQL_DECISION_SETTLE[] = "SELECT decision_id FROM decisions"
                                          " WHERE tenant_id = ? AND settlement_key = ? LOCK IN SHARE MODE";

static void bind_sequence(struct query *query, const struct sequence_row *row)
{
    query_bind_uint64(query, row->tenant_id);
    query_bind_text(query, row->request_id);
    query_bind_text(query, row->endpoint);
    query_bind_text(query, row->client_id);
    query_bind_text(query, entity_type_name(row->entity.type));
    query_bind_text(query, row->entity.id);
    query_bind_text(query, row->task);
    query_bind_text(query, row->template_name);
    query_bind_uint64(query, row->context_id);
    query_bind_text(query, row->input);
}

static void bind_decision(struct query *query, const struct decision_row *row)
{
    query_bind_uint64(query, row->tenant_id);
    query_bind_bytes(query, row->settlement_key, sizeof(row->settlement_key));
    query_bind_text(query, row->recommender);
    query_bind_uint64(query, row->model_generation);
    query_bind_uint64(query, row->result_count);
    query_bind_text(query, row->results);
    query_bind_int64(query, row->processing_us);
}

enum commit_outcome request_logs_commit(struct database *db, const struct sequence_row *sequence,
                                        const struct decision_row *decision, uint64_t *decision_id,
                                        struct error *error)
{
    struct query query;
    bool prepared = database_has_begun(db)
                        ? query_prepare(&query, db, STATEMENT_LOGS_COMMIT_BEGUN, SQL_COMMIT_BEGUN, error)
                        : query_prepare(&query, db, STATEMENT_LOGS_COMMIT, SQL_COMMIT, error);
    if (!prepared) {
        database_rollback(db);
        return COMMIT_FAILED;
    }
    bind_sequence(&query, sequence);
    bind_decision(&query, decision);
    return query_commit(&query, decision_id, error);
}

bool decisions_find_committed(struct database *db, uint32_t tenant_id,
                              const unsigned char key[SETTLEMENT_KEY_BYTES], uint64_t *decision_id,
                              bool *found, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_DECISION_SETTLE, SQL_DECISION_SETTLE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_bytes(&query, key, SETTLEMENT_KEY_BYTES);
    bool done = query_execute(&query, error);
    *found = done && query_fetch(&query, error);
    if (*found)
        *decision_id = query_uint64(&query, 0);
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}
