/* A transaction that is all or nothing, told apart from one whose end is unknown. */
#ifndef PALATE_STORAGE_TRANSACTION_H
#define PALATE_STORAGE_TRANSACTION_H

#include "storage/database.h"

/* How long to ask for an outcome that is unknown. While the database is away: nothing true can be said before
 * it is back, since a server that was stopped and goes on carries out the COMMIT that waited in its socket.
 * So until just before a web server gives up, after the 60 s of our examples, time-outs included. While it is
 * there and others hold locks: ours, if it lived, would have ended by then. */
enum { PATIENCE_AWAY_S = 35, PATIENCE_LOCKED_S = 10 };

struct patience {
    int64_t start_us,
        away_us; /* since when it is unknown, when the database was last away: clock_monotonic_us */
};

struct patience patience_start(void) __attribute__((warn_unused_result));

/* Whether to ask once more after this error. */
bool patience_lasts(struct patience *patience, const struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* What a transaction does; run again from its start after a deadlock or a lock time-out, so it must build
 * its results anew each time. */
typedef bool transaction_body(void *context, struct error *error);

/* Looks whether the transaction's own row is there, on a new connection, with a locking read that waits
 * for a COMMIT still under way. *found is set on success. */
typedef bool transaction_settle(void *context, bool *found, struct error *error);

/* BEGIN, body, COMMIT. True only when the transaction is known to be committed. Any failure rolls back;
 * a deadlock or lock time-out is tried once more. When the connection is lost in COMMIT, settle decides,
 * asked again while patience lasts; without an answer until then this is false with
 * ERROR_DATABASE and a detail that says that the outcome is unknown. */
bool transaction_run(struct database *db, transaction_body *body, transaction_settle *settle, void *context,
                     struct error *error) __attribute__((nonnull, warn_unused_result));

/* Writes what comes last and ends the transaction in the same statement (query_commit). */
typedef enum commit_outcome transaction_commit(void *context, struct error *error);

/* The same for a transaction that mostly reads before its last writes: it begins where the body first writes
 * (database_begin_late), or else with commit. Reads before that are as good as inside: READ COMMITTED. */
bool transaction_run_late(struct database *db, transaction_body *body, transaction_commit *commit,
                          transaction_settle *settle, void *context, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
