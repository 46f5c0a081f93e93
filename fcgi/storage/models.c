/* Rows of models; see models.h. */
#include "storage/models.h"

#include "storage/query.h"

static const struct statement NEXT_GENERATION = {
    "SELECT COALESCE(MAX(generation), 0) + 1 FROM models WHERE tenant_id = ?"};

static const struct statement INSERT_MODEL = {
    "INSERT INTO models (tenant_id, generation, catalogue_revision, item_count, user_count, event_count,"
    " file_name, training_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};

bool admin_model_next_generation(struct database *db, uint32_t tenant_id, uint64_t *generation,
                                 struct error *error)
{
    struct query query;
    *generation = query_find(&query, db, &NEXT_GENERATION, error, tenant_id) ? query_uint64(&query, 0) : 0;
    return error->code == ERROR_NONE;
}

bool admin_model_insert(struct database *db, uint32_t tenant_id, const struct admin_model *model,
                        struct error *error)
{
    return database_execute(db, &INSERT_MODEL, error, tenant_id, model->generation, model->catalogue_revision,
                            model->item_count, model->user_count, model->event_count, model->file_name,
                            model->training_ms);
}
