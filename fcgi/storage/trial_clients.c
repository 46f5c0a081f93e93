/* Clients of `palate doctor`; see trial_clients.h. */
#include "storage/trial_clients.h"

static const char sql_remove_entity[] =
    "DELETE FROM entity_embeddings WHERE tenant_id = ? AND entity_type = 'User' AND entity_id = ?";
static const char sql_remove[] = "DELETE FROM api_clients WHERE tenant_id = ? AND client_id = ?";
static const char sql_remove_old[] =
    "DELETE FROM api_clients WHERE tenant_id = ? AND name = '" TRIAL_CLIENT_NAME
    "' AND client_id LIKE '" TRIAL_CLIENT_PREFIX "%' AND created_at < CURRENT_TIMESTAMP(6) - INTERVAL 1 HOUR";
static const char sql_find_decision[] =
    "SELECT d.recommender, d.model_generation, d.result_count FROM sequences s "
    "JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id "
    "WHERE s.tenant_id = ? AND s.client_id = ? AND s.created_at >= CURRENT_TIMESTAMP(6) - INTERVAL 1 HOUR "
    "ORDER BY s.sequence_id DESC LIMIT 1";

static bool run(struct database *db, enum statement_id id, const char *sql, uint64_t tenant_id,
                const char *client_id, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, id, sql, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (client_id)
        query_bind_text(&query, client_id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool trial_client_remove(struct database *db, uint64_t tenant_id, const char *client_id, struct error *error)
{
    return run(db, STATEMENT_TRIAL_CLIENT_REMOVE, sql_remove, tenant_id, client_id, error) &&
           run(db, STATEMENT_TRIAL_ENTITY_REMOVE, sql_remove_entity, tenant_id, client_id, error);
}

bool trial_clients_remove_old(struct database *db, uint64_t tenant_id, struct error *error)
{
    return run(db, STATEMENT_TRIAL_CLIENTS_REMOVE_OLD, sql_remove_old, tenant_id, NULL, error);
}

bool trial_decision_find(struct database *db, struct arena *arena, uint64_t tenant_id, const char *client_id,
                         struct trial_decision *decision, struct error *error)
{
    struct query query;
    *decision = (struct trial_decision){0};
    if (!query_prepare(&query, db, STATEMENT_TRIAL_DECISION_FIND, sql_find_decision, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, client_id);
    if (query_execute(&query, error) && query_fetch(&query, error))
        *decision = (struct trial_decision){.found = true,
                                            .recommender = query_text(&query, 0, arena),
                                            .model_generation = query_uint64(&query, 1),
                                            .result_count = query_uint64(&query, 2)};
    query_finish(&query);
    return error->code == ERROR_NONE;
}
