/* How a connection to MariaDB is made: what the session is set to, what the wire may carry, and whether
 * others can listen. Keeps nothing; storage/database.h owns the connection. */
#ifndef PALATE_STORAGE_CONNECTION_H
#define PALATE_STORAGE_CONNECTION_H

#include "base/config.h"

#include <mysql.h>
#include <stdbool.h>
#include <sys/socket.h>

enum { CONNECTION_NODE_BYTES = 256 };

/* Connects as config says, but to host ("": config's socket). False: handle has MariaDB's code and text of why
 * not, and is to be closed. node gets the name of the cluster's node that was reached, which is ready for
 * statements, or "" where the server is not part of a Galera cluster. config must outlive the call only. */
bool connection_open(MYSQL *handle, const struct config *config, const char *host,
                     char node[CONNECTION_NODE_BYTES]) __attribute__((nonnull, warn_unused_result));

/* Whether what goes over an open connection can be read on the way: it leads to another machine, in clear. */
bool connection_is_exposed(MYSQL *handle) __attribute__((nonnull, warn_unused_result));

/* Whether a socket leads to this machine itself, by the addresses of its two ends: any but an address of IP
 * (a Unix socket), the loopback's, or the same on both ends. */
bool connection_is_local(const struct sockaddr_storage *peer, const struct sockaddr_storage *own)
    __attribute__((nonnull, pure, warn_unused_result));

#endif
