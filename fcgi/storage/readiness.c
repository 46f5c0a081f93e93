/* The schema's version, for a worker; see readiness.h. make counts the schema files when this is built. */
#include "storage/readiness.h"

#include "storage/query.h"

static const struct statement READ_VERSION = {"SELECT MAX(version) FROM schema_versions"};

static bool read_once(struct database *db, unsigned *version, struct error *error)
{
    struct query query;
    *version = query_find(&query, db, &READ_VERSION, error) ? query_uint32(&query, 0) : 0;
    return error->code == ERROR_NONE;
}

/* A connection that died while idle says nothing of the database: a new one is tried. */
bool readiness_read_schema(struct database *db, unsigned *version, struct error *error)
{
    bool was_connected = database_is_connected(db);
    if (read_once(db, version, error))
        return true;
    if (!was_connected || database_is_connected(db))
        return false;
    error_clear(error);
    return read_once(db, version, error);
}

unsigned readiness_needed_schema(void)
{
    return PALATE_SCHEMA;
}
