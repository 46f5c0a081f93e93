/* Writes of workers to a catalogue; see catalogue_writes.h.
 *
 * A write whose COMMIT got no answer must be found again: was it stored? So each notes a random key beside
 * its revision. The notes of a tenant are a ring of SLOTS rows, each overwritten when its turn comes again:
 * the table stays small without anybody deleting. */
#include "storage/catalogue_writes.h"

#include "storage/query.h"
#include "storage/settlement.h"

/* More than a busy tenant writes while a worker looks for its own. */
enum { SLOTS = 4096 }; /* those behind are storage/settlement.c's */

/* LAST_INSERT_ID(...) makes the new value the statement's insert id, which saves reading it. */
static const struct statement RAISE_REVISION = {
    "UPDATE tenants SET catalogue_revision = LAST_INSERT_ID(catalogue_revision + 1) WHERE tenant_id = ?"};

static const struct statement NOTE_WRITE = {
    "INSERT INTO catalogue_writes (tenant_id, slot, revision, settlement_key) VALUES (?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE revision = VALUES(revision), settlement_key = VALUES(settlement_key)"};

static const struct statement FIND_WRITE = {
    "SELECT revision FROM catalogue_writes WHERE tenant_id = ? AND slot = ?"
    " AND revision = ? AND settlement_key = ? LOCK IN SHARE MODE"};

bool catalogue_write_begin(struct database *db, uint32_t tenant_id,
                           const unsigned char key[CATALOGUE_WRITE_KEY_BYTES], uint64_t *revision,
                           struct error *error)
{
    struct query query;
    *revision = 0;
    if (!query_run(&query, db, &RAISE_REVISION, error, tenant_id))
        return false;
    if (!query_affected(&query))
        return error_set(error, ERROR_DATABASE, "The tenant has gone");
    *revision = query_insert_id(&query);
    return database_execute(db, &NOTE_WRITE, error, tenant_id, *revision % SLOTS, *revision,
                            BYTES(key, CATALOGUE_WRITE_KEY_BYTES));
}

bool catalogue_write_is_committed(struct database *db, uint32_t tenant_id, uint64_t revision,
                                  const unsigned char key[CATALOGUE_WRITE_KEY_BYTES], bool *found,
                                  struct error *error)
{
    struct query query;
    *found = settlement_wait(db, tenant_id, error) &&
             query_find(&query, db, &FIND_WRITE, error, tenant_id, revision % SLOTS, revision,
                        BYTES(key, CATALOGUE_WRITE_KEY_BYTES));
    return error->code == ERROR_NONE;
}
