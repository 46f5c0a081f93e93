/* What query.c and bulk.c need of a connection; no other file includes this. */
#ifndef PALATE_STORAGE_DATABASE_INTERNAL_H
#define PALATE_STORAGE_DATABASE_INTERNAL_H

#include "base/config.h"
#include "base/error.h"
#include "base/host_list.h"
#include "storage/connection.h"

#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct statement;

/* What clients read of a failure of ours; MariaDB's own words are for the log. */
#define DATABASE_MESSAGE "The database could not do its part"

/* Twice as many as the product has statements, and a power of two. */
enum { PREPARED_SLOTS = 256 };

struct database {
    const struct config *config;
    struct host_list hosts; /* none: the socket */
    MYSQL *handle;          /* NULL: not connected */
    /* Nodes of a Galera cluster: that of this connection, and that of the last COMMIT; "": none. */
    char node[CONNECTION_NODE_BYTES], commit_node[CONNECTION_NODE_BYTES];
    bool in_cluster; /* the last server that was reached was such a node, or several hosts are set */
    /* The statements that this connection has prepared, by their addresses: an open hash table from which
     * nothing is ever removed but everything at once. */
    struct prepared {
        const struct statement *statement;
        MYSQL_STMT *handle;
    } prepared[PREPARED_SLOTS];
    size_t prepared_count;
    MYSQL_STMT *open; /* whose result has not been read to its end; at most one */
    uint64_t runs;    /* statements run so far: a result is read in the run that made it or not at all */
    bool in_transaction;
    bool unreachable;   /* the last attempt to connect failed */
    bool exposed;       /* the connection leads to another machine, in clear */
    unsigned last_code; /* of MariaDB's last failure */
};

/* The handle of a statement, prepared when it is first needed on this connection. Connects first unless a
 * transaction has lost its connection. NULL on failure. */
MYSQL_STMT *database_prepare(struct database *db, const struct statement *statement, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* To be called before each COMMIT: notes whose it is. */
void database_note_commit(struct database *db) __attribute__((nonnull));

/* To be called behind each statement of a transaction that has succeeded: false, with ERROR_DATABASE_RETRY, when
 * the server has ended the transaction without saying so. True outside a transaction. */
bool database_keeps_transaction(struct database *db, const struct statement *statement, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Frees the result that is open, if any: the connection is then ready for the next statement. */
void database_free_result(struct database *db) __attribute__((nonnull));

/* Turns MariaDB's error of a statement into ours, and closes a connection that is lost. */
void database_fail(struct database *db, MYSQL_STMT *statement, const char *what, struct error *error)
    __attribute__((nonnull));

#endif
