/* Rows of models, for the command line tool. */
#ifndef PALATE_STORAGE_MODELS_H
#define PALATE_STORAGE_MODELS_H

#include "storage/database.h"

struct admin_model {
    uint64_t generation;
    uint64_t catalogue_revision;
    uint64_t item_count, user_count, event_count;
    const char *file_name; /* below model.directory */
    uint64_t training_ms;
};

/* One more than the largest generation of the tenant so far. */
bool admin_model_next_generation(struct database *db, uint32_t tenant_id, uint64_t *generation,
                                 struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_model_insert(struct database *db, uint32_t tenant_id, const struct admin_model *model,
                        struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
