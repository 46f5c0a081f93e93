/* The stored row of a user or item; see embeddings.h. */
#include "storage/embeddings.h"

#include <string.h>

static const char SQL_FIND[] = "SELECT name, description FROM entity_embeddings"
                               " WHERE tenant_id = ? AND entity_type = ? AND entity_id = ?";

static const char SQL_STORE[] =
    "INSERT INTO entity_embeddings (tenant_id, entity_type, entity_id, name, description)"
    " VALUES (?, ?, ?, COALESCE(?, ''), COALESCE(?, ''))"
    " ON DUPLICATE KEY UPDATE name = COALESCE(?, name), description = COALESCE(?, description)";

const char *entity_type_name(enum entity_type type)
{
    return type == ENTITY_ITEM ? "Item" : "User";
}

static bool find_row(struct query *query, struct arena *arena, struct embedding_row *row, bool *found,
                     struct error *error)
{
    if (!query_execute(query, error))
        return false;
    *found = query_fetch(query, error);
    if (*found) {
        row->name = query_text(query, 0, arena);
        row->description = query_text(query, 1, arena);
    }
    return error->code == ERROR_NONE;
}

static bool find(struct database *db, struct arena *arena, uint32_t tenant_id, enum entity_type type,
                 const char *entity_id, struct embedding_row *row, bool *found, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EMBEDDING_FIND, SQL_FIND, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, entity_type_name(type));
    query_bind_text(&query, entity_id);
    bool done = find_row(&query, arena, row, found, error);
    query_finish(&query);
    return done;
}

bool embeddings_store(struct database *db, struct arena *arena, uint32_t tenant_id, enum entity_type type,
                      const char *entity_id, const char *name, const char *description,
                      struct embedding_row *row, struct error *error)
{
    bool found = false;
    *row = (struct embedding_row){.name = "", .description = ""};
    if (!find(db, arena, tenant_id, type, entity_id, row, &found, error))
        return false;
    bool same =
        (!name || !strcmp(name, row->name)) && (!description || !strcmp(description, row->description));
    if (found && same)
        return true;
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EMBEDDING_STORE, SQL_STORE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, entity_type_name(type));
    query_bind_text(&query, entity_id);
    query_bind_text(&query, name);
    query_bind_text(&query, description);
    query_bind_text(&query, name);
    query_bind_text(&query, description);
    bool done = query_execute(&query, error);
    query_finish(&query);
    if (name)
        row->name = name;
    if (description)
        row->description = description;
    return done;
}
