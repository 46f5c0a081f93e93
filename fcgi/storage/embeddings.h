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

/* The entity's row as a request that gives this name and description (NULL: not given) leaves it, in the
 * arena, and whether it differs from what is stored and has to be written; no row is empty texts. Reads
 * without a lock, and not even that when found is the entity's. */
bool embeddings_read(struct database *db, struct arena *arena, uint32_t tenant_id, struct entity entity,
                     const struct found_embedding *found, const char *name, const char *description,
                     struct embedding_row *row, bool *differs, struct error *error)
    __attribute__((nonnull(1, 2, 5, 8, 9, 10), warn_unused_result));

/* Creates the entity's row, or refreshes name and description where they are not NULL. Part of the caller's
 * transaction, which begins here if it has not (database_begin_late). It holds the row's lock from then on:
 * call it when nothing slow follows. */
bool embeddings_write(struct database *db, uint32_t tenant_id, struct entity entity, const char *name,
                      const char *description, struct error *error)
    __attribute__((nonnull(1, 6), warn_unused_result));

#endif
