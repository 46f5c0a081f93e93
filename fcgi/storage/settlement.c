/* Settling a COMMIT on another node than its own; see settlement.h.
 *
 * The problem: on the server of the COMMIT a locking read waits until the lost connection's transaction has
 * ended. Another node knows nothing of that lock. Asked at once, it may say "not there" a moment before the
 * write arrives: from a third node that has it already, or from the lost one, which may only have been slow.
 *
 * The idea: a write of our own is a fence. Galera delivers writes in one order for all, and ours only when each
 * member of the group has confirmed it: so when it is committed, the lost node has either answered, or the group
 * has put it out. If it is out, its write was delivered before that or never will be, for a group takes nothing
 * from who is not of it. If it has answered, it is alive and gets PAUSE_US to end what it was at: a COMMIT that
 * it had received. The read behind it waits for all that was ordered until then (wsrep_sync_wait).
 *
 * What it costs: a write and the pause, after a node was lost in a COMMIT, and the time that the group takes to
 * put a node out (evs.suspect_timeout, 5 s). What it does not do: wait for a node that is alive, is stopped
 * behind its answer for longer than the pause, and goes on before the group misses it. */
#include "storage/settlement.h"

#include "base/random.h"
#include "storage/query.h"

#include <unistd.h>

enum { PAUSE_US = 300 * 1000 };

/* Rows of catalogue_writes behind its ring (storage/catalogue_writes.c), which nobody reads; many, so that few
 * workers write the same at once. */
enum { FIRST_SLOT = 4096, SLOTS = 1024, KEY_BYTES = 16 };

static const struct statement WRITE_FENCE = {
    "INSERT INTO catalogue_writes (tenant_id, slot, revision, settlement_key) VALUES (?, ?, 0, ?)"
    " ON DUPLICATE KEY UPDATE settlement_key = VALUES(settlement_key)"};

static bool write_fence(struct database *db, uint32_t tenant_id, struct error *error)
{
    unsigned char key[KEY_BYTES];
    random_fill(key, sizeof(key));
    const unsigned slot = FIRST_SLOT + (unsigned)(key[0] << 8 | key[1]) % SLOTS;
    return database_execute(db, &WRITE_FENCE, error, tenant_id, slot, BYTES(key, sizeof(key)));
}

bool settlement_wait(struct database *db, uint32_t tenant_id, struct error *error)
{
    if (!database_connect(db, error))
        return false;
    if (!database_has_moved(db))
        return true;
    if (!write_fence(db, tenant_id, error))
        return false;
    usleep(PAUSE_US);
    return true;
}
