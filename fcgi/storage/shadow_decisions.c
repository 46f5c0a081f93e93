/* The shadow log; see shadow_decisions.h. */
#include "storage/shadow_decisions.h"

#include "storage/query_old.h"

static const char SQL_SHADOW_INSERT[] =
    "INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us)"
    " VALUES (?, ?, ?, ?, ?, ?)";

bool shadow_decisions_insert(struct database *db, const struct shadow_row *row, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_SHADOW_INSERT, SQL_SHADOW_INSERT, error))
        return false;
    query_bind_uint64(&query, row->tenant_id);
    query_bind_uint64(&query, row->decision_id);
    query_bind_text(&query, row->outcome);
    query_bind_uint64(&query, row->result_count);
    query_bind_text(&query, row->results);
    query_bind_int64(&query, row->remote_us);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}
