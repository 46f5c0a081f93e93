/* A transaction that is all or nothing, whose end is found out where the connection is lost in COMMIT.
 *
 * A COMMIT that gets no answer may have been carried out or not, and an API that guesses answers wrongly
 * either way. So each transaction writes a row with a key of its own, and afterwards a new connection looks
 * for that row. */
#ifndef PALATE_STORAGE_TRANSACTION_H
#define PALATE_STORAGE_TRANSACTION_H

#include "storage/database.h"

/* How long to look for the outcome of a COMMIT that got no answer.
 *
 * While the database cannot be reached: the outcome is open until it is back, because a server that was
 * paused and goes on still carries out a COMMIT that waits in its socket. The limit leaves room for one more
 * time-out before a web server gives up on us, after 60 s in our examples. While it is reached, but the row
 * is locked: our own transaction would have ended by then, so the lock is somebody else's. */
enum { PATIENCE_AWAY_S = 35, PATIENCE_LOCKED_S = 10 };

struct patience {
    int64_t start_us,
        away_us; /* since when it is unknown, when the database was last away: clock_monotonic_us */
};

struct patience patience_start(void) __attribute__((warn_unused_result));

/* Whether to look once more after a statement on db has failed with this error. */
bool patience_lasts(struct patience *patience, const struct database *db, const struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* What a transaction does; run again from its start after a deadlock or a lock time-out, so it must
 * compute its results again each time. */
typedef bool transaction_body(void *context, struct error *error);

/* Looks whether the transaction's own row is there, on a new connection, with a locking read that waits
 * for a COMMIT still under way. *found is set on success. */
typedef bool transaction_settle(void *context, bool *found, struct error *error);

/* BEGIN, body, COMMIT. True only when the transaction is known to be committed. Any failure rolls back;
 * a deadlock or lock time-out is tried once more; on a Galera cluster, where every conflict with another node
 * ends so and a lost node does, too, again and again with pauses of random length for as long as
 * database_retry_us(). When the connection is lost in COMMIT, settle decides,
 * called again while patience lasts. If it never succeeds, this fails with ERROR_DATABASE and a detail that
 * says that the outcome is unknown. */
bool transaction_run(struct database *db, transaction_body *body, transaction_settle *settle, void *context,
                     struct error *error) __attribute__((nonnull, warn_unused_result));

/* Writes what comes last and ends the transaction in the same statement (query_commit). */
typedef enum commit_outcome transaction_commit(void *context, struct error *error);

/* The same for a transaction that reads, maybe for long, before it writes: it begins where the body first
 * writes (database_begin_late), or else with commit. At READ COMMITTED each statement sees what is committed
 * when it runs, inside a transaction or not, so the reads before BEGIN see no less. */
bool transaction_run_late(struct database *db, transaction_body *body, transaction_commit *commit,
                          transaction_settle *settle, void *context, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
