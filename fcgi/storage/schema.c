/* Schema versions, locks, rights; see schema.h. */
#include "storage/schema.h"

#include "storage/query.h"

static const struct statement SCHEMA_EXISTS = {
    "SELECT COUNT(*) FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name = 'schema_versions'"};
static const struct statement READ_VERSIONS = {"SELECT version FROM schema_versions ORDER BY version"};
static const struct statement NOTE_VERSION = {"INSERT INTO schema_versions (version, name) VALUES (?, ?)"};
/* Locks are known in the whole server and have at most 64 characters. */
static const struct statement TAKE_LOCK = {"SELECT GET_LOCK(CONCAT('palate.', MD5(DATABASE()), '.', ?), ?)"};
static const struct statement RELEASE_LOCK = {
    "SELECT RELEASE_LOCK(CONCAT('palate.', MD5(DATABASE()), '.', ?))"};
static const struct statement SHOW_GRANTS = {"SHOW GRANTS"};

bool admin_schema_read(struct database *db, bool applied[SCHEMA_VERSION_MAX + 1], unsigned *newest,
                       struct error *error)
{
    struct query query;
    *newest = 0;
    for (int i = 0; i <= SCHEMA_VERSION_MAX; i++)
        applied[i] = false;
    if (!query_find(&query, db, &SCHEMA_EXISTS, error) || !query_bool(&query, 0))
        return error->code == ERROR_NONE; /* an empty database */
    bool more = query_run(&query, db, &READ_VERSIONS, error);
    while (more && query_fetch(&query)) {
        *newest = query_uint32(&query, 0);
        if (*newest <= SCHEMA_VERSION_MAX)
            applied[*newest] = true;
    }
    return error->code == ERROR_NONE;
}

bool admin_schema_note(struct database *db, unsigned version, const char *name, struct error *error)
{
    return database_execute(db, &NOTE_VERSION, error, version, name);
}

bool admin_lock_take(struct database *db, const char *name, int seconds, bool *taken, struct error *error)
{
    struct query query;
    *taken = query_find(&query, db, &TAKE_LOCK, error, name, seconds) && query_int64(&query, 0) == 1;
    return error->code == ERROR_NONE;
}

void admin_lock_release(struct database *db, const char *name)
{
    struct error ignored = {0};
    /* Without a connection there is no lock either: it ended with it. */
    if (database_is_connected(db) && !database_execute(db, &RELEASE_LOCK, &ignored, name))
        error_clear(&ignored);
}

bool admin_grants_list(struct database *db, struct arena *arena,
                       void (*each)(void *context, const char *grant), void *context, struct error *error)
{
    struct query query;
    bool more = query_run(&query, db, &SHOW_GRANTS, error);
    while (more && query_fetch(&query))
        each(context, query_text(&query, 0, arena));
    return error->code == ERROR_NONE;
}

/* The statement is the caller's, so its address may stand for another text next time: the handle must not
 * outlive the call. */
bool admin_probe(struct database *db, const char *sql, struct error *error)
{
    const struct statement statement = {sql};
    bool prepared = query_can_prepare(db, &statement, error);
    database_disconnect(db);
    return prepared;
}
