/* A transaction that is all or nothing; see transaction.h.
 *
 * Three things may happen to a COMMIT. It is done. The server refuses it: nothing is stored, and after a
 * deadlock the whole is run a second time. Or its answer is lost with the connection; then a locking read of
 * the transaction's own row, on a new connection, waits until the old one has ended in the server, and sees
 * the row or does not. Only when that read cannot be made in the time that a client waits is the outcome
 * reported as unknown. */
#include "storage/transaction.h"

#include "base/clock.h"

#include <unistd.h>

enum { SETTLE_PAUSE_US = 100 * 1000 };

struct patience patience_start(void)
{
    int64_t now = clock_monotonic_us();
    return (struct patience){.start_us = now, .away_us = now};
}

bool patience_lasts(struct patience *patience, const struct error *error)
{
    int64_t now = clock_monotonic_us();
    if (error->code == ERROR_DATABASE_RETRY)
        return now - patience->away_us < PATIENCE_LOCKED_S * INT64_C(1000000);
    patience->away_us = now;
    return now - patience->start_us < PATIENCE_AWAY_S * INT64_C(1000000);
}

/* The server rolls back what a lost connection has left open, so once the locking read gets through its
 * answer is final: either the row is committed, or it never will be. */
static bool settle_unknown(transaction_settle *settle, void *context, struct error *error)
{
    struct patience patience = patience_start();
    struct error failure;
    do {
        bool found = false;
        failure = (struct error){0};
        if (settle(context, &found, &failure))
            return found;
        usleep(SETTLE_PAUSE_US);
    } while (patience_lasts(&patience, &failure));
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
        if (!settle_unknown(steps->settle, steps->context, error))
            return false;
        error_clear(error);
        return true;
    case COMMIT_FAILED:
        break;
    }
    return false;
}

static bool run_twice(struct database *db, const struct steps *steps, struct error *error)
{
    if (run_once(db, steps, error))
        return true;
    if (error->code != ERROR_DATABASE_RETRY)
        return false;
    error_clear(error);
    return run_once(db, steps, error);
}

bool transaction_run(struct database *db, transaction_body *body, transaction_settle *settle, void *context,
                     struct error *error)
{
    return run_twice(db, &(struct steps){.body = body, .settle = settle, .context = context}, error);
}

bool transaction_run_late(struct database *db, transaction_body *body, transaction_commit *commit,
                          transaction_settle *settle, void *context, struct error *error)
{
    return run_twice(
        db, &(struct steps){.body = body, .commit = commit, .settle = settle, .context = context}, error);
}
