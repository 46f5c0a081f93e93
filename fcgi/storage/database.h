/* One connection to MariaDB: connects when first needed, reconnects by itself between transactions.
 * Statements are run by storage/query.h, which only the files of this folder use.
 *
 * MariaDB's own reconnect is off: it would silently go on outside the transaction that was lost. A lost
 * connection makes the statement fail with ERROR_DATABASE; the next statement outside a transaction opens
 * a new one. Deadlocks and lock time-outs fail with ERROR_DATABASE_RETRY; the transaction is then gone.
 *
 * On a Galera cluster more fails with ERROR_DATABASE_RETRY: a transaction that met another node's
 * (certification, MariaDB's 1213), a node that was lost or left the cluster, and no node that can be reached.
 * Where several hosts are set the next statement outside a transaction goes to the next of them that is a node
 * of a cluster and ready; a host of a list that is none is refused, since what it holds may be older. */
#ifndef PALATE_STORAGE_DATABASE_H
#define PALATE_STORAGE_DATABASE_H

#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct database;

/* A text of SQL, of which a connection keeps a prepared handle by the address of this: static and const
 * (storage/query.h). */
struct statement {
    const char *sql;
};

/* Remembers where and as whom to connect; connects later. config must outlive it. */
struct database *database_create(const struct config *config)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void database_destroy(struct database *db);

/* Connects unless connected. Every query does it by itself; this is for `doctor` and tests. */
bool database_connect(struct database *db, struct error *error) __attribute__((nonnull, warn_unused_result));

/* Closes the connection at once, which makes the server roll back; the next statement reconnects. */
void database_disconnect(struct database *db) __attribute__((nonnull));

/* True until a statement finds the connection lost. */
bool database_is_connected(const struct database *db) __attribute__((nonnull));

/* On a Galera cluster, as far as is known: several hosts are set, or the server reached last is a node. */
bool database_is_in_cluster(const struct database *db) __attribute__((nonnull));

/* The connection is to another node of the cluster than that of the last COMMIT. */
bool database_has_moved(const struct database *db) __attribute__((nonnull));

/* The name of the cluster's node that the connection is to, or was to; "": none. */
const char *database_node(const struct database *db) __attribute__((nonnull));

/* For how long work that failed with ERROR_DATABASE_RETRY on a cluster is tried again, in microseconds: as long
 * as a single server would let a writer wait for a lock. */
int64_t database_retry_us(const struct database *db) __attribute__((nonnull));

/* The host of the connection, or of the last one; "": the socket. */
const char *database_host(const struct database *db) __attribute__((nonnull));

/* The connection leads to another machine and is not encrypted. */
bool database_is_exposed(const struct database *db) __attribute__((nonnull));

/* The version of TLS that the connection speaks, "TLSv1.3"; NULL: none, or not connected. */
const char *database_encryption(const struct database *db) __attribute__((nonnull));

/* The last attempt to connect failed. */
bool database_is_unreachable(const struct database *db) __attribute__((nonnull));

/* The last failure was that of a statement whose time in the server was over. */
bool database_ran_out_of_time(const struct database *db) __attribute__((nonnull));

/* MariaDB's code of the last failure; 0: there was none. */
unsigned database_last_code(const struct database *db) __attribute__((nonnull));

/* BEGIN. If the idle connection turns out to be dead, reconnects once: nothing is lost then. */
bool database_begin(struct database *db, struct error *error) __attribute__((nonnull, warn_unused_result));

/* BEGIN, unless the transaction has begun: for writers in one that begins late (storage/transaction.h). */
bool database_begin_late(struct database *db, struct error *error)
    __attribute__((nonnull, warn_unused_result));
bool database_has_begun(const struct database *db) __attribute__((nonnull));

enum commit_outcome {
    COMMIT_DONE,
    COMMIT_FAILED,  /* the server said no: nothing is stored */
    COMMIT_UNKNOWN, /* the connection was lost in it: it may or may not be stored */
};
enum commit_outcome database_commit(struct database *db, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Rolls back if a transaction is open; when that fails the connection is closed, which does it too. */
void database_rollback(struct database *db) __attribute__((nonnull));

/* Runs a statement of the schema as it stands (DDL cannot be prepared in general). Tool only. */
bool database_run_script(struct database *db, const char *sql, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
