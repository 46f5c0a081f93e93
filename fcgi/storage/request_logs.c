/* The two logs; see request_logs.h. */
#include "storage/request_logs.h"

static const char SQL_SEQUENCE_INSERT[] =
    "INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, user_id, task, template, context_id,"
    " input) VALUES (?, ?, ?, ?, ?, ?, ?, NULLIF(?, 0), ?)";

static const char SQL_DECISION_INSERT[] =
    "INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation,"
    " result_count, results, processing_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

static const char SQL_DECISION_SETTLE[] = "SELECT decision_id FROM decisions"
                                          " WHERE tenant_id = ? AND settlement_key = ? LOCK IN SHARE MODE";

static bool insert(struct query *query, uint64_t *id, struct error *error)
{
    bool done = query_execute(query, error);
    if (done)
        *id = query_insert_id(query);
    query_finish(query);
    return done;
}

bool sequences_insert(struct database *db, const struct sequence_row *row, uint64_t *id, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_SEQUENCE_INSERT, SQL_SEQUENCE_INSERT, error))
        return false;
    query_bind_uint64(&query, row->tenant_id);
    query_bind_text(&query, row->request_id);
    query_bind_text(&query, row->endpoint);
    query_bind_text(&query, row->client_id);
    query_bind_text(&query, row->user_id);
    query_bind_text(&query, row->task);
    query_bind_text(&query, row->template_name);
    query_bind_uint64(&query, row->context_id);
    query_bind_text(&query, row->input);
    return insert(&query, id, error);
}

bool decisions_insert(struct database *db, const struct decision_row *row, uint64_t *id, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_DECISION_INSERT, SQL_DECISION_INSERT, error))
        return false;
    query_bind_uint64(&query, row->tenant_id);
    query_bind_uint64(&query, row->sequence_id);
    query_bind_bytes(&query, row->settlement_key, sizeof(row->settlement_key));
    query_bind_text(&query, row->recommender);
    query_bind_uint64(&query, row->model_generation);
    query_bind_uint64(&query, row->result_count);
    query_bind_text(&query, row->results);
    query_bind_int64(&query, row->processing_us);
    return insert(&query, id, error);
}

bool decisions_is_committed(struct database *db, uint32_t tenant_id,
                            const unsigned char key[SETTLEMENT_KEY_BYTES], bool *found, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_DECISION_SETTLE, SQL_DECISION_SETTLE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_bytes(&query, key, SETTLEMENT_KEY_BYTES);
    bool done = query_execute(&query, error);
    *found = done && query_fetch(&query, error);
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}
