/* How a connection to MariaDB is made; see connection.h.
 *
 * The problem: a client's library does more than it was asked for. A server, or who stands in for one on the
 * way, may ask it for the password in clear, for a file of this machine (LOAD DATA LOCAL), or to do without
 * TLS; and a statement that the client no longer waits for goes on in the server until it is done.
 *
 * So nothing of that is left to presets. Of the ways to log in only those are allowed that prove the password
 * without telling it: native password, ed25519 and parsec. With the others a false server gets the password,
 * in clear (mysql_clear_password, dialog) or under a public key of its own choice (caching_sha2_password,
 * sha256_password). Files are never sent. With [database] ssl = on a server without TLS is refused before
 * anything is sent to it, and with ssl_verify = yes one whose certificate is not the host's. A Unix socket
 * needs none of that: nobody is on the way.
 *
 * Each statement of a worker has the same time in the server as in the client, a moment less, so that the
 * server says so and the connection stays of use. The tool's statements last as long as they last, whatever
 * the server's presets: a migration takes minutes, and a training reads, then computes for hours, and then
 * writes one row on the same connection, which holds its lock.
 *
 * All of the session's settings are one statement, sent with the connection: no request pays for them. The
 * answer to it says whether the server is a node of a Galera cluster (session tracking). There, what one node
 * has acknowledged is on the others some milliseconds later; with wsrep_sync_wait a statement first waits until
 * its node has all that was acknowledged anywhere before. So the session waits before all of them: once for each
 * statement outside a transaction, and inside one only at its BEGIN. A node that is cut off from its cluster
 * takes connections, but no statement without tables, so that asking it for its name (1047) tells; only a node
 * is asked. A server that was built without Galera has no such variables, and gets the rest alone.
 *
 * It does not: choose among hosts, or hold what the library reads on its own (no option file is read). */
#include "storage/connection.h"

#include <mysqld_error.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The server ends a statement so much before the client stops waiting for it. */
enum { ENDS_BEFORE_MS = 200 };

/* Seconds for which the tool's connection may lie idle, and its reading of a long result pause. */
enum { TOOL_IDLE_SECONDS = 7 * 86400, TOOL_PAUSE_SECONDS = 3600 };

/* Bits of wsrep_sync_wait: 1 reads and BEGIN, 2 UPDATE and DELETE, 4 INSERT and REPLACE. The answer to SET says
 * what the variable was set to. */
#define CLUSTER_PART                                                                                         \
    ",session_track_system_variables='wsrep_sync_wait',wsrep_sync_wait=IF(@@SESSION.wsrep_on,7,0)"

enum { SESSION_BYTES = 700 };

static bool set_session(MYSQL *handle, const struct config *config, const char *cluster_part)
{
    char own[200], session[SESSION_BYTES];
    if (config->is_tool)
        snprintf(own, sizeof(own),
                 "max_statement_time=0,wait_timeout=%d,net_read_timeout=%d,net_write_timeout=%d",
                 TOOL_IDLE_SECONDS, TOOL_PAUSE_SECONDS, TOOL_PAUSE_SECONDS);
    else
        snprintf(own, sizeof(own), "max_statement_time=%ld.%03d", config->database_timeout - 1,
                 1000 - ENDS_BEFORE_MS);
    snprintf(session, sizeof(session),
             "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',"
             "time_zone='+00:00',tx_isolation='READ-COMMITTED',autocommit=1,"
             "innodb_lock_wait_timeout=%ld,lock_wait_timeout=%ld,%s%s",
             config->database_lock_timeout, config->database_lock_timeout, own, cluster_part);
    return !mysql_real_query(handle, session, strlen(session));
}

static bool is_in_cluster(MYSQL *handle)
{
    const char *text;
    size_t length;
    int more = mysql_session_track_get_first(handle, SESSION_TRACK_SYSTEM_VARIABLES, &text, &length);
    for (; !more;
         more = mysql_session_track_get_next(handle, SESSION_TRACK_SYSTEM_VARIABLES, &text, &length)) {
        if (length == 1 && *text == '7')
            return true;
    }
    return false;
}

/* A node without a name gets one, since "" stands for no cluster. */
static bool read_node(MYSQL *handle, char node[CONNECTION_NODE_BYTES])
{
    static const char name[] = "SELECT @@GLOBAL.wsrep_node_name";
    MYSQL_RES *result = NULL;
    if (!mysql_real_query(handle, name, sizeof(name) - 1))
        result = mysql_store_result(handle);
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    if (row)
        snprintf(node, CONNECTION_NODE_BYTES, "%s", row[0] && *row[0] ? row[0] : "unnamed");
    if (result)
        mysql_free_result(result);
    return row;
}

static bool begin_session(MYSQL *handle, const struct config *config, char node[CONNECTION_NODE_BYTES])
{
    bool done = set_session(handle, config, CLUSTER_PART) ||
                (mysql_errno(handle) == ER_UNKNOWN_SYSTEM_VARIABLE && set_session(handle, config, ""));
    return done && (!is_in_cluster(handle) || read_node(handle, node));
}

static void set_times(MYSQL *handle, const struct config *config)
{
    unsigned connect_timeout = (unsigned)config->database_connect_timeout;
    unsigned timeout = (unsigned)config->database_timeout;
    my_bool no = 0;
    mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
    mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &timeout);
    mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
    mysql_options(handle, MYSQL_OPT_RECONNECT, &no);
}

/* What the server may ask for. A NULL in place of the number would switch local files on. */
static void set_limits(MYSQL *handle)
{
    unsigned no = 0;
    mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &no);
    mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, "mysql_native_password,client_ed25519,parsec");
}

static void set_tls(MYSQL *handle, const struct config *config)
{
    my_bool wanted = config->database_ssl, verify = config->database_ssl && config->database_ssl_verify;
    mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &wanted);
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    if (!wanted)
        return;
    mysql_options(handle, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
    if (*config->database_ssl_ca)
        mysql_options(handle, MYSQL_OPT_SSL_CA, config->database_ssl_ca);
}

bool connection_open(MYSQL *handle, const struct config *config, const char *host,
                     char node[CONNECTION_NODE_BYTES])
{
    bool by_tcp = *host;
    *node = '\0';
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    set_times(handle, config);
    set_limits(handle);
    if (by_tcp)
        set_tls(handle, config);
    return mysql_real_connect(handle, by_tcp ? host : "localhost", config->database_user,
                              config->database_password, config->database_name,
                              (unsigned)config->database_port, by_tcp ? NULL : config->database_socket,
                              CLIENT_FOUND_ROWS) &&
           begin_session(handle, config, node);
}

/* ---- Who can listen */

bool connection_is_local(const struct sockaddr_storage *peer, const struct sockaddr_storage *own)
{
    if (peer->ss_family == AF_INET) {
        struct sockaddr_in there, here;
        memcpy(&there, peer, sizeof(there));
        memcpy(&here, own, sizeof(here));
        return there.sin_addr.s_addr == here.sin_addr.s_addr || ntohl(there.sin_addr.s_addr) >> 24 == 127;
    }
    if (peer->ss_family == AF_INET6) {
        struct sockaddr_in6 there, here;
        memcpy(&there, peer, sizeof(there));
        memcpy(&here, own, sizeof(here));
        return !memcmp(&there.sin6_addr, &here.sin6_addr, sizeof(there.sin6_addr)) ||
               IN6_IS_ADDR_LOOPBACK(&there.sin6_addr);
    }
    return true;
}

bool connection_is_exposed(MYSQL *handle)
{
    struct sockaddr_storage peer = {0}, own = {0};
    socklen_t peer_length = sizeof(peer), own_length = sizeof(own);
    int fd = mysql_get_socket(handle);
    if (mysql_get_ssl_cipher(handle) || getpeername(fd, (struct sockaddr *)(void *)&peer, &peer_length) ||
        getsockname(fd, (struct sockaddr *)(void *)&own, &own_length))
        return false;
    return !connection_is_local(&peer, &own);
}
