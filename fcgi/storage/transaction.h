/* A transaction that is all or nothing, told apart from one whose end is unknown. */
#ifndef PALATE_STORAGE_TRANSACTION_H
#define PALATE_STORAGE_TRANSACTION_H

#include "storage/database.h"

/* What a transaction does; run again from its start after a deadlock or a lock time-out, so it must build
 * its results anew each time. */
typedef bool transaction_body(void *context, struct error *error);

/* Looks whether the transaction's own row is there, on a new connection, with a locking read that waits
 * for a COMMIT still under way. *found is set on success. */
typedef bool transaction_settle(void *context, bool *found, struct error *error);

/* BEGIN, body, COMMIT. True only when the transaction is known to be committed. Any failure rolls back;
 * a deadlock or lock time-out is tried once more. When the connection is lost in COMMIT, settle decides,
 * asked again for SETTLE_SECONDS while the database is away; if it stays away the answer is false with
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
