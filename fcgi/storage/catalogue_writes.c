/* Writes of workers to a catalogue; see catalogue_writes.h. */
#include "storage/catalogue_writes.h"

/* More than a busy tenant writes while a worker looks for its own. */
enum { SLOTS = 4096 };

/* LAST_INSERT_ID(...) hands the new value back without another question. */
static const char SQL_RAISE[] =
    "UPDATE tenants SET catalogue_revision = LAST_INSERT_ID(catalogue_revision + 1) WHERE tenant_id = ?";

static const char SQL_NOTE[] =
    "INSERT INTO catalogue_writes (tenant_id, slot, revision, settlement_key) VALUES (?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE revision = VALUES(revision), settlement_key = VALUES(settlement_key)";

static const char SQL_SETTLE[] = "SELECT revision FROM catalogue_writes WHERE tenant_id = ? AND slot = ?"
                                 " AND revision = ? AND settlement_key = ? LOCK IN SHARE MODE";

static bool raise_revision(struct database *db, uint32_t tenant_id, uint64_t *revision, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CATALOGUE_RAISE, SQL_RAISE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bool done = query_execute(&query, error);
    uint64_t changed = done ? query_affected(&query) : 0;
    *revision = changed ? query_insert_id(&query) : 0;
    query_finish(&query);
    return done && (changed || error_set(error, ERROR_DATABASE, "The tenant has gone"));
}

bool catalogue_write_begin(struct database *db, uint32_t tenant_id,
                           const unsigned char key[CATALOGUE_WRITE_KEY_BYTES], uint64_t *revision,
                           struct error *error)
{
    struct query query;
    if (!raise_revision(db, tenant_id, revision, error) ||
        !query_prepare(&query, db, STATEMENT_CATALOGUE_WRITE_NOTE, SQL_NOTE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, *revision % SLOTS);
    query_bind_uint64(&query, *revision);
    query_bind_bytes(&query, key, CATALOGUE_WRITE_KEY_BYTES);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool catalogue_write_is_committed(struct database *db, uint32_t tenant_id, uint64_t revision,
                                  const unsigned char key[CATALOGUE_WRITE_KEY_BYTES], bool *found,
                                  struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_CATALOGUE_WRITE_SETTLE, SQL_SETTLE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, revision % SLOTS);
    query_bind_uint64(&query, revision);
    query_bind_bytes(&query, key, CATALOGUE_WRITE_KEY_BYTES);
    bool done = query_execute(&query, error);
    *found = done && query_fetch(&query, error);
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}
