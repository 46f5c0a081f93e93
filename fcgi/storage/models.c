/* Rows of models; see models.h. */
#include "storage/models.h"

static const char sql_next_generation[] =
    "SELECT COALESCE(MAX(generation), 0) + 1 FROM models WHERE tenant_id = ?";
static const char sql_insert[] =
    "INSERT INTO models (tenant_id, generation, catalogue_revision, item_count, user_count, event_count, "
    "file_name, training_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

bool admin_model_next_generation(struct database *db, uint64_t tenant_id, uint64_t *generation,
                                 struct error *error)
{
    struct query query;
    *generation = 0;
    if (!query_prepare(&query, db, STATEMENT_MODEL_NEXT_GENERATION, sql_next_generation, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (query_execute(&query, error) && query_fetch(&query, error))
        *generation = query_uint64(&query, 0);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_model_insert(struct database *db, uint64_t tenant_id, const struct admin_model *model,
                        struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_MODEL_INSERT, sql_insert, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, model->generation);
    query_bind_uint64(&query, model->catalogue_revision);
    query_bind_uint64(&query, model->item_count);
    query_bind_uint64(&query, model->user_count);
    query_bind_uint64(&query, model->event_count);
    query_bind_text(&query, model->file_name);
    query_bind_uint64(&query, model->training_ms);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}
