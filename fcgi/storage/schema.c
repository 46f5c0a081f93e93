/* Schema versions, locks, rights; see schema.h. */
#include "storage/schema.h"

static const char sql_exists[] = "SELECT COUNT(*) FROM information_schema.tables "
                                 "WHERE table_schema = DATABASE() AND table_name = 'schema_versions'";
static const char sql_read[] = "SELECT version FROM schema_versions ORDER BY version";
static const char sql_note[] = "INSERT INTO schema_versions (version, name) VALUES (?, ?)";
/* Locks are known in the whole server and have at most 64 characters. */
static const char sql_lock[] = "SELECT GET_LOCK(CONCAT('palate.', MD5(DATABASE()), '.', ?), ?)";
static const char sql_unlock[] = "SELECT RELEASE_LOCK(CONCAT('palate.', MD5(DATABASE()), '.', ?))";
static const char sql_grants[] = "SHOW GRANTS";

static bool schema_exists(struct database *db, bool *exists, struct error *error)
{
    struct query query;
    *exists = false;
    if (!query_prepare(&query, db, STATEMENT_SCHEMA_EXISTS, sql_exists, error))
        return false;
    if (query_execute(&query, error) && query_fetch(&query, error))
        *exists = query_int64(&query, 0) > 0;
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_schema_read(struct database *db, bool applied[SCHEMA_VERSION_MAX + 1], unsigned *newest,
                       struct error *error)
{
    struct query query;
    bool exists;
    *newest = 0;
    for (int i = 0; i <= SCHEMA_VERSION_MAX; i++)
        applied[i] = false;
    if (!schema_exists(db, &exists, error) || !exists)
        return error->code == ERROR_NONE;
    if (!query_prepare(&query, db, STATEMENT_SCHEMA_VERSION, sql_read, error))
        return false;
    if (query_execute(&query, error)) {
        while (query_fetch(&query, error)) {
            uint64_t version = query_uint64(&query, 0);
            if (version <= SCHEMA_VERSION_MAX)
                applied[version] = true;
            *newest = (unsigned)version;
        }
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_schema_note(struct database *db, unsigned version, const char *name, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_SCHEMA_NOTE, sql_note, error))
        return false;
    query_bind_uint64(&query, version);
    query_bind_text(&query, name);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool admin_lock_take(struct database *db, const char *name, int seconds, bool *taken, struct error *error)
{
    struct query query;
    *taken = false;
    if (!query_prepare(&query, db, STATEMENT_LOCK_TAKE, sql_lock, error))
        return false;
    query_bind_text(&query, name);
    query_bind_int64(&query, seconds);
    if (query_execute(&query, error) && query_fetch(&query, error))
        *taken = query_int64(&query, 0) == 1;
    query_finish(&query);
    return error->code == ERROR_NONE;
}

void admin_lock_release(struct database *db, const char *name)
{
    struct query query;
    struct error ignored = {0};
    if (!database_is_connected(db) ||
        !query_prepare(&query, db, STATEMENT_LOCK_RELEASE, sql_unlock, &ignored))
        return; /* the lock ended with the connection */
    query_bind_text(&query, name);
    if (query_execute(&query, &ignored))
        query_fetch(&query, &ignored);
    query_finish(&query);
}

bool admin_grants_list(struct database *db, struct arena *arena,
                       void (*each)(void *context, const char *grant), void *context, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_GRANTS_LIST, sql_grants, error))
        return false;
    if (query_execute(&query, error)) {
        while (query_fetch(&query, error))
            each(context, query_text(&query, 0, arena));
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool admin_probe(struct database *db, const char *sql, struct error *error)
{
    struct query query;
    bool prepared = query_prepare(&query, db, STATEMENT_PROBE, sql, error);
    query_finish(&query);
    database_disconnect(db); /* an id stands for one text as long as a connection lives */
    return prepared;
}
