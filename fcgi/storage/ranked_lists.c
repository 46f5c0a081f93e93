/* Ranked lists kept for their later pages; see ranked_lists.h. */
#include "storage/ranked_lists.h"

#include "storage/query_old.h"

static const char SQL_STORE[] =
    "INSERT INTO ranked_lists (tenant_id, list_key, list, expires_at)"
    " VALUES (?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE list = VALUES(list), expires_at = VALUES(expires_at)";

static const char SQL_FIND[] =
    "SELECT list FROM ranked_lists WHERE tenant_id = ? AND list_key = ? AND expires_at > ?";

static const char SQL_DELETE_EXPIRED[] =
    "DELETE FROM ranked_lists WHERE tenant_id = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?";

bool ranked_lists_store(struct database *db, uint32_t tenant_id,
                        const unsigned char key[RANKED_LIST_KEY_BYTES], const char *list, int64_t now,
                        struct error *error)
{
    struct query query;
    if (!database_begin_late(db, error) ||
        !query_prepare(&query, db, STATEMENT_RANKED_LIST_STORE, SQL_STORE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_bytes(&query, key, RANKED_LIST_KEY_BYTES);
    query_bind_text(&query, list);
    query_bind_int64(&query, now + RANKED_LIST_SECONDS);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool ranked_lists_find(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const unsigned char key[RANKED_LIST_KEY_BYTES], int64_t now, const char **list,
                       struct error *error)
{
    struct query query;
    *list = NULL;
    if (!query_prepare(&query, db, STATEMENT_RANKED_LIST_FIND, SQL_FIND, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_bytes(&query, key, RANKED_LIST_KEY_BYTES);
    query_bind_int64(&query, now);
    if (query_execute(&query, error) && query_fetch(&query, error))
        *list = query_text(&query, 0, arena);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool ranked_lists_delete_expired(struct database *db, uint32_t tenant_id, int64_t now, unsigned limit,
                                 uint64_t *deleted, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_RANKED_LISTS_EXPIRE, SQL_DELETE_EXPIRED, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_int64(&query, now);
    query_bind_uint64(&query, limit);
    bool done = query_execute(&query, error);
    *deleted = done ? query_affected(&query) : 0;
    query_finish(&query);
    return done;
}
