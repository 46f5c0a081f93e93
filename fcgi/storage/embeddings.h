/* The stored row of a user or item that requests talked about. */
#ifndef PALATE_STORAGE_EMBEDDINGS_H
#define PALATE_STORAGE_EMBEDDINGS_H

#include "base/entity.h"
#include "storage/database.h"

struct embedding_row {
    const char *name;        /* "" when never given */
    const char *description; /* "" when never given */
};

/* What was read of an entity's row along with something else. */
struct found_embedding {
    struct entity entity; /* id NULL: it was not looked for */
    bool is_stored;
    struct embedding_row row; /* when it is */
};

/* Creates the entity's row, or refreshes name and description where they are not NULL, and reads it back
 * into the arena. Part of the caller's transaction, which begins where the row is written
 * (database_begin_late). An unchanged row is only read, and not even that when found is the entity's. */
bool embeddings_store(struct database *db, struct arena *arena, uint32_t tenant_id, struct entity entity,
                      const struct found_embedding *found, const char *name, const char *description,
                      struct embedding_row *row, struct error *error)
    __attribute__((nonnull(1, 2, 5, 8, 9), warn_unused_result));

#endif
