/* A transaction that is all or nothing; see transaction.h.
 *
 * Three things may happen to a COMMIT. It is done. The server refuses it: nothing is stored, and after a
 * deadlock the whole is run a second time. Or its answer is lost with the connection; then a locking read of
 * the transaction's own row, on a new connection, waits until the old one has ended in the server, and sees
 * the row or does not. Only when that read cannot be made in the time that a client waits is the outcome
 * reported as unknown.
 *
 * On a cluster the new connection may be to another node, which no lock of the old one reaches: there the read
 * waits for the group to settle (storage/settlement.h). And two nodes that write the same row do not wait for
 * each other; whose COMMIT is ordered second fails, however often that happens. So a transaction is tried again
 * there as long as it would wait for the row's lock on a single server, after pauses that are random, so that
 * those who met do not meet again. While a node leaves or comes back all writes stand still for seconds and then
 * meet; so the first such standstill is not counted. */
#include "storage/transaction.h"

#include "base/clock.h"
#include "base/random.h"

#include <unistd.h>

enum { SETTLE_PAUSE_US = 100 * 1000, TRIES = 2 };

/* On a cluster, after a conflict: up to 255 times that, and more after each further one, up to so many times. */
enum { PAUSE_US = 40, PAUSE_GROWS = 10 };

/* A try that took longer has waited for the cluster and not for another's write. */
enum { STALL_US = 250 * 1000 };

struct patience patience_start(void)
{
    int64_t now = clock_monotonic_us();
    return (struct patience){.start_us = now, .away_us = now};
}

bool patience_lasts(struct patience *patience, const struct database *db, const struct error *error)
{
    int64_t now = clock_monotonic_us();
    if (error->code == ERROR_DATABASE_RETRY && database_is_connected(db))
        return now - patience->away_us < PATIENCE_LOCKED_S * INT64_C(1000000);
    patience->away_us = now;
    return now - patience->start_us < PATIENCE_AWAY_S * INT64_C(1000000);
}

/* The server rolls back what a lost connection has left open, so once the locking read gets through its
 * answer is final: either the row is committed, or it never will be. */
static bool settle_unknown(struct database *db, transaction_settle *settle, void *context,
                           struct error *error)
{
    struct patience patience = patience_start();
    struct error failure;
    do {
        bool found = false;
        failure = (struct error){0};
        if (settle(context, &found, &failure))
            return found;
        usleep(SETTLE_PAUSE_US);
    } while (patience_lasts(&patience, db, &failure));
    error->code = ERROR_DATABASE; /* never again by itself: it may be there */
    error->detail[0] = '\0';
    return error_detail(error, "connection lost in COMMIT and no answer since: the outcome is unknown");
}

struct steps {
    transaction_body *body;
    transaction_commit *commit; /* NULL: BEGIN comes first, and COMMIT is a statement of its own */
    transaction_settle *settle;
    void *context;
};

static bool run_once(struct database *db, const struct steps *steps, struct error *error)
{
    if (!steps->commit && !database_begin(db, error))
        return false;
    if (!steps->body(steps->context, error)) {
        database_rollback(db);
        return false;
    }
    switch (steps->commit ? steps->commit(steps->context, error) : database_commit(db, error)) {
    case COMMIT_DONE:
        return true;
    case COMMIT_UNKNOWN:
        if (!settle_unknown(db, steps->settle, steps->context, error))
            return false;
        error_clear(error);
        return true;
    case COMMIT_FAILED:
        break;
    }
    return false;
}

static void pause_at_random(int tries)
{
    unsigned char chance;
    random_fill(&chance, sizeof(chance));
    usleep((useconds_t)((tries < PAUSE_GROWS ? tries : PAUSE_GROWS) * chance * PAUSE_US));
}

static bool run_again(struct database *db, const struct steps *steps, struct error *error)
{
    int64_t start = clock_monotonic_us(), end = start + database_retry_us(db);
    bool has_stalled = false;
    for (int tries = 1;; tries++) {
        if (run_once(db, steps, error))
            return true;
        int64_t now = clock_monotonic_us();
        if (now - start > STALL_US && !has_stalled) {
            has_stalled = true;
            end += now - start;
        }
        bool in_cluster = database_is_in_cluster(db);
        bool again = in_cluster ? now < end : tries < TRIES;
        if (error->code != ERROR_DATABASE_RETRY || !again)
            return false;
        error_clear(error);
        if (in_cluster)
            pause_at_random(tries);
        start = clock_monotonic_us();
    }
}

bool transaction_run(struct database *db, transaction_body *body, transaction_settle *settle, void *context,
                     struct error *error)
{
    return run_again(db, &(struct steps){.body = body, .settle = settle, .context = context}, error);
}

bool transaction_run_late(struct database *db, transaction_body *body, transaction_commit *commit,
                          transaction_settle *settle, void *context, struct error *error)
{
    return run_again(
        db, &(struct steps){.body = body, .commit = commit, .settle = settle, .context = context}, error);
}
