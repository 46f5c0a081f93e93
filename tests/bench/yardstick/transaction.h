/* The durable transaction that every answer costs at least: one row of what was asked, one of what was
 * answered, committed. Owns one connection to MariaDB and its prepared statements; never reconnects and
 * never retries: a failure ends the yardstick's run. */
#ifndef YARDSTICK_TRANSACTION_H
#define YARDSTICK_TRANSACTION_H

#include "exchange.h"

#include <mysql.h>
#include <stdint.h>

enum transaction_statement {
    TRANSACTION_BEGIN,
    TRANSACTION_SEQUENCE,
    TRANSACTION_DECISION,
    TRANSACTION_COMMIT
};

struct transaction {
    MYSQL *handle;             /* NULL: not connected */
    MYSQL_STMT *statements[4]; /* by enum transaction_statement; NULL: not prepared */
    const char *failure;       /* what MariaDB said of the last failure */
};

/* Connects by YARDSTICK_SOCKET, YARDSTICK_USER and YARDSTICK_PASSWORD of the environment. */
bool transaction_connect(struct transaction *transaction) __attribute__((nonnull, warn_unused_result));

/* BEGIN, two INSERTs and COMMIT, all prepared: for a worker that keeps its connection. user takes the place
 * of the recorded user unless it is NULL. */
bool transaction_run(struct transaction *transaction, const struct exchange *exchange, const char *user)
    __attribute__((nonnull(1, 2), warn_unused_result));

/* The same work where a connection serves once: nothing is prepared that is used once without values. */
bool transaction_run_once(struct transaction *transaction, const struct exchange *exchange)
    __attribute__((nonnull, warn_unused_result));

#endif
