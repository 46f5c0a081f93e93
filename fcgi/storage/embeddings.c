/* The stored row of a user or item; see embeddings.h.
 *
 * Most requests bring the texts that are stored already, so a row is read first, without a lock, and written
 * only where it differs: a request that changes nothing begins no transaction here. No row is the same as one
 * with empty texts, so most users and items, for whom no request ever gave any, have none. Ranking comes
 * between the two, since the first request for a new user would otherwise keep all others for that user
 * waiting. */
#include "storage/embeddings.h"

#include "storage/query.h"

#include <string.h>

static const struct statement FIND_ENTITY = {"SELECT name, description FROM entity_embeddings"
                                             " WHERE tenant_id = ? AND entity_type = ? AND entity_id = ?"};

/* COALESCE, because what the request did not give stays as it is stored. */
static const struct statement STORE_ENTITY = {
    "INSERT INTO entity_embeddings (tenant_id, entity_type, entity_id, name, description)"
    " VALUES (?, ?, ?, COALESCE(?, ''), COALESCE(?, ''))"
    " ON DUPLICATE KEY UPDATE name = COALESCE(?, name), description = COALESCE(?, description)"};

static bool is_of(const struct found_embedding *found, struct entity entity)
{
    return found->entity.id && found->entity.type == entity.type && !strcmp(found->entity.id, entity.id);
}

bool embeddings_read(struct database *db, struct arena *arena, uint32_t tenant_id, struct entity entity,
                     const struct found_embedding *found, const char *name, const char *description,
                     struct embedding_row *row, bool *differs, struct error *error)
{
    const char *type = entity_type_name(entity.type);
    struct query query;
    *row = (struct embedding_row){.name = "", .description = ""};
    if (is_of(found, entity)) {
        *row = found->is_stored ? found->row : *row;
    } else {
        if (query_find(&query, db, &FIND_ENTITY, error, tenant_id, type, entity.id))
            *row = (struct embedding_row){.name = query_text(&query, 0, arena),
                                          .description = query_text(&query, 1, arena)};
        if (error->code != ERROR_NONE)
            return false;
    }
    *differs =
        (name && strcmp(name, row->name) != 0) || (description && strcmp(description, row->description) != 0);
    row->name = name ? name : row->name;
    row->description = description ? description : row->description;
    return true;
}

bool embeddings_write(struct database *db, uint32_t tenant_id, struct entity entity, const char *name,
                      const char *description, struct error *error)
{
    return database_begin_late(db, error) &&
           database_execute(db, &STORE_ENTITY, error, tenant_id, entity_type_name(entity.type), entity.id,
                            name, description, name, description);
}
