/* The stored row of a user or item; see embeddings.h. */
#include "storage/embeddings.h"

#include <string.h>

static const char SQL_FIND[] = "SELECT name, description FROM entity_embeddings"
                               " WHERE tenant_id = ? AND entity_type = ? AND entity_id = ?";

static const char SQL_STORE[] =
    "INSERT INTO entity_embeddings (tenant_id, entity_type, entity_id, name, description)"
    " VALUES (?, ?, ?, COALESCE(?, ''), COALESCE(?, ''))"
    " ON DUPLICATE KEY UPDATE name = COALESCE(?, name), description = COALESCE(?, description)";

static bool find_row(struct query *query, struct arena *arena, struct found_embedding *found,
                     struct error *error)
{
    if (!query_execute(query, error))
        return false;
    found->is_stored = query_fetch(query, error);
    if (found->is_stored) {
        found->row.name = query_text(query, 0, arena);
        found->row.description = query_text(query, 1, arena);
    }
    return error->code == ERROR_NONE;
}

static bool find(struct database *db, struct arena *arena, uint32_t tenant_id, struct found_embedding *found,
                 struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EMBEDDING_FIND, SQL_FIND, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, entity_type_name(found->entity.type));
    query_bind_text(&query, found->entity.id);
    bool done = find_row(&query, arena, found, error);
    query_finish(&query);
    return done;
}

static bool store(struct database *db, uint32_t tenant_id, struct entity entity, const char *name,
                  const char *description, struct error *error)
{
    struct query query;
    if (!database_begin_late(db, error) ||
        !query_prepare(&query, db, STATEMENT_EMBEDDING_STORE, SQL_STORE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, entity_type_name(entity.type));
    query_bind_text(&query, entity.id);
    query_bind_text(&query, name);
    query_bind_text(&query, description);
    query_bind_text(&query, name);
    query_bind_text(&query, description);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

static bool is_of(const struct found_embedding *found, struct entity entity)
{
    return found->entity.id && found->entity.type == entity.type && !strcmp(found->entity.id, entity.id);
}

bool embeddings_store(struct database *db, struct arena *arena, uint32_t tenant_id, struct entity entity,
                      const struct found_embedding *found, const char *name, const char *description,
                      struct embedding_row *row, struct error *error)
{
    struct found_embedding own = {.entity = entity};
    if (!is_of(found, entity)) {
        if (!find(db, arena, tenant_id, &own, error))
            return false;
        found = &own;
    }
    *row = found->is_stored ? found->row : (struct embedding_row){.name = "", .description = ""};
    bool same =
        (!name || !strcmp(name, row->name)) && (!description || !strcmp(description, row->description));
    if (found->is_stored && same)
        return true;
    if (name)
        row->name = name;
    if (description)
        row->description = description;
    return store(db, tenant_id, entity, name, description, error);
}
