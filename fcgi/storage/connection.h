/* How a connection to MariaDB is made: what the session is set to. Keeps nothing; storage/database.h owns the
 * connection. */
#ifndef PALATE_STORAGE_CONNECTION_H
#define PALATE_STORAGE_CONNECTION_H

#include "base/config.h"

#include <mysql.h>
#include <stdbool.h>

/* Connects as config says. False: handle has MariaDB's code and text of why not, and is to be closed. config
 * must outlive the call only. */
bool connection_open(MYSQL *handle, const struct config *config) __attribute__((nonnull, warn_unused_result));

#endif
