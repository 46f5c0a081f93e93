/* Ranked lists kept for their later pages; see ranked_lists.h. */
#include "storage/ranked_lists.h"

#include "storage/query.h"
#include "storage/quotas.h"

static const struct statement STORE_LIST = {
    "INSERT INTO ranked_lists (tenant_id, list_key, list, expires_at) VALUES (?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE list = VALUES(list), expires_at = VALUES(expires_at)"};

/* The same where the tenant has a quota: lists are counted, up to it, in the statement that stores one. Two
 * workers that count in the same moment may both store one. */
static const struct statement STORE_LIST_WITHIN = {
    "INSERT INTO ranked_lists (tenant_id, list_key, list, expires_at) SELECT ?, ?, ?, ? FROM DUAL"
    " WHERE (SELECT COUNT(*) FROM (SELECT 1 FROM ranked_lists WHERE tenant_id = ? AND expires_at > ? LIMIT "
    "?) k)"
    " < ? OR EXISTS (SELECT 1 FROM ranked_lists WHERE tenant_id = ? AND list_key = ?)"
    " ON DUPLICATE KEY UPDATE list = VALUES(list), expires_at = VALUES(expires_at)"};

static const struct statement FIND_LIST = {
    "SELECT list FROM ranked_lists WHERE tenant_id = ? AND list_key = ? AND expires_at > ?"};

static const struct statement DELETE_EXPIRED = {
    "DELETE FROM ranked_lists WHERE tenant_id = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?"};

bool ranked_lists_store(struct database *db, const struct tenant *tenant,
                        const unsigned char key[RANKED_LIST_KEY_BYTES], const char *list, int64_t now,
                        struct error *error)
{
    const uint64_t most = quota_of(tenant->quotas, QUOTA_LISTS);
    const int64_t until = now + RANKED_LIST_SECONDS;
    struct query query;
    if (!database_begin_late(db, error))
        return false;
    if (!most)
        return database_execute(db, &STORE_LIST, error, tenant->id, BYTES(key, RANKED_LIST_KEY_BYTES), list,
                                until);
    if (!query_run(&query, db, &STORE_LIST_WITHIN, error, tenant->id, BYTES(key, RANKED_LIST_KEY_BYTES), list,
                   until, tenant->id, now, most, most, tenant->id, BYTES(key, RANKED_LIST_KEY_BYTES)))
        return false;
    return query_affected(&query) || quota_refuse(QUOTA_LISTS, most, most + 1, error);
}

bool ranked_lists_find(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const unsigned char key[RANKED_LIST_KEY_BYTES], int64_t now, const char **list,
                       struct error *error)
{
    struct query query;
    bool found = query_find(&query, db, &FIND_LIST, error, tenant_id, BYTES(key, RANKED_LIST_KEY_BYTES), now);
    *list = found ? query_text(&query, 0, arena) : NULL;
    return error->code == ERROR_NONE;
}

bool ranked_lists_delete_expired(struct database *db, uint32_t tenant_id, int64_t now, unsigned limit,
                                 uint64_t *deleted, struct error *error)
{
    struct query query;
    bool done = query_run(&query, db, &DELETE_EXPIRED, error, tenant_id, now, limit);
    *deleted = done ? query_affected(&query) : 0;
    return done;
}
