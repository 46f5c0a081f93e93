/* What a fault means and what repairs it, as tables; see causes.h.
 *
 * A code of MariaDB, of curl or of HTTP stands for many faults, and which one it is can only be told
 * together with something else: the errno of connecting to the socket, the result of the certificate's
 * check, whether the answer is a worker's or the web server's own. So the rows of a table are tried in
 * order and the first whose conditions all hold is taken; ANY holds always, and a row with fewer
 * conditions stands below those with more.
 *
 * Texts are whole sentences with {names} for what varies, so that the table reads as what is printed, and
 * a test can go through every row.
 *
 * To add a fault: make it on a machine, look at the code that doctor's line shows in brackets, add a row
 * above the one that was taken until then, and add the fault to tests/deploy/harness/faults.py, which
 * makes it again, runs the fix that is printed and looks whether doctor is content. A fix is a command
 * where one exists, else it says which line of which file; a fix that would hide the fault, such as rights
 * for all, is none. */
#include "cli/doctor/causes.h"

#include <curl/curl.h>
#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>
#include <openssl/x509_vfy.h>
#include <stddef.h>
#include <string.h>

enum { ANY = -1 };

/* ---- Connecting to MariaDB: the first line that fits counts. */

static const struct {
    unsigned code;
    int reason; /* of a socket; ANY */
    int by_tcp; /* 0, 1 or ANY */
    struct cause cause;
} database_causes[] = {
    {ER_ACCESS_DENIED_ERROR,
     ANY,
     ANY,
     {"the password of {user} is wrong, or there is no such user",
      "mariadb -e \"ALTER USER {account} IDENTIFIED BY '$(head -n 1 {file})'\"; with CREATE USER where there "
      "is none; or correct the first line of {file} ({setting})",
      false}},
    {ER_ACCESS_DENIED_NO_PASSWORD_ERROR,
     ANY,
     ANY,
     {"{user} may not log in so: with unix_socket only the system user of the same name may",
      "run as that system user, or ALTER USER '{user}'@'localhost' IDENTIFIED BY '...' and name a file with "
      "the "
      "password in {setting}",
      false}},
    {ER_DBACCESS_DENIED_ERROR,
     ANY,
     ANY,
     {"{user} may log in, but has no rights in the database {database}, or there is none of that name",
      "correct [database] name, or give rights: {rights}", true}},
    {ER_BAD_DB_ERROR,
     ANY,
     ANY,
     {"MariaDB has no database {database}",
      "correct [database] name, or make it: CREATE DATABASE {database} CHARACTER SET utf8mb4 COLLATE "
      "utf8mb4_nopad_bin; then palate migrate",
      true}},
    {ER_CON_COUNT_ERROR,
     ANY,
     ANY,
     {"MariaDB has as many connections as it takes",
      "raise max_connections above the number of workers of all sites together, or run fewer workers", true}},
    {ER_TOO_MANY_USER_CONNECTIONS,
     ANY,
     ANY,
     {"{user} has as many connections as it may have",
      "run fewer workers, or have max_user_connections raised", false}},
    {ER_USER_LIMIT_REACHED,
     ANY,
     ANY,
     {"{user} has reached a limit of the account",
      "run fewer workers, or have the account's limits raised (ALTER USER ... WITH MAX_USER_CONNECTIONS)",
      false}},
    {ER_HOST_NOT_PRIVILEGED,
     ANY,
     ANY,
     {"MariaDB takes no connection from this machine",
      "make the users for this machine's address: CREATE USER '{user}'@'ADDRESS', then palate grants --from "
      "ADDRESS",
      true}},
    {ER_HOST_IS_BLOCKED,
     ANY,
     ANY,
     {"MariaDB has shut this machine out after many broken connections",
      "mariadb-admin flush-hosts, as the database's administrator", true}},
    {ER_ACCOUNT_HAS_BEEN_LOCKED,
     ANY,
     ANY,
     {"the account {user} is locked", "ALTER USER '{user}'@'localhost' ACCOUNT UNLOCK", false}},
    {ER_MUST_CHANGE_PASSWORD_LOGIN,
     ANY,
     ANY,
     {"the password of {user} has expired",
      "ALTER USER '{user}'@'localhost' IDENTIFIED BY '...', and the same into {file} ({setting})", false}},
    {CR_CONNECTION_ERROR,
     ENOENT,
     0,
     {"MariaDB is not running, or its socket is not {socket}",
      "systemctl start mariadb; where it runs, mariadb -e 'SELECT @@socket' says what [database] socket must "
      "be",
      true}},
    {CR_CONNECTION_ERROR,
     ECONNREFUSED,
     0,
     {"MariaDB is not running: nothing listens at its socket {socket}", "systemctl start mariadb", true}},
    {CR_CONNECTION_ERROR,
     EACCES,
     0,
     {"this user may not use the socket {socket}",
      "chmod o+x the directories in which it lies, as the distribution has them", true}},
    {CR_CONNECTION_ERROR,
     ANY,
     0,
     {"MariaDB cannot be reached at {socket}", "systemctl status mariadb; then correct [database] socket",
      true}},
    {CR_CONNECTION_ERROR,
     ANY,
     1,
     {"nothing takes connections at {host}:{port}",
      "start MariaDB there, let it listen on that address (bind-address), and open the firewall", true}},
    {CR_CONN_HOST_ERROR,
     ANY,
     ANY,
     {"nothing takes connections at {host}:{port}",
      "start MariaDB there, let it listen on that address (bind-address), and open the firewall", true}},
    {CR_UNKNOWN_HOST,
     ANY,
     ANY,
     {"the name {host} does not resolve here", "correct [database] host, or this machine's resolver", true}},
    {CR_SERVER_LOST,
     ANY,
     ANY,
     {"MariaDB does not answer",
      "see whether it hangs or starts up: systemctl status mariadb, and its log; [database] connect_timeout "
      "is how "
      "long it may take",
      true}},
    {CR_SERVER_GONE_ERROR,
     ANY,
     ANY,
     {"MariaDB hung up", "see what its log says: journalctl -u mariadb", true}},
    {CR_SSL_CONNECTION_ERROR,
     ANY,
     ANY,
     {"no TLS connection to MariaDB comes about", "see what MariaDB's log says, and its ssl_cert and ssl_ca",
      true}},
};

const struct cause *cause_of_database(unsigned code, int reason, bool by_tcp)
{
    static const struct cause other = {"MariaDB refuses the connection",
                                       "see MariaDB's log, and [database] and [tool] in the configuration",
                                       false};
    for (size_t i = 0; i < sizeof(database_causes) / sizeof(database_causes[0]); i++) {
        if (database_causes[i].code == code &&
            (database_causes[i].reason == ANY || database_causes[i].reason == reason) &&
            (database_causes[i].by_tcp == ANY || database_causes[i].by_tcp == (int)by_tcp))
            return &database_causes[i].cause;
    }
    return &other;
}

/* ---- An exchange that gave no answer. */

#define LOCAL "on this machine itself: --url http://{host} --connect 127.0.0.1:80"

static const struct {
    int code;
    long verified; /* ANY */
    struct cause cause;
} exchange_causes[] = {
    {CURLE_COULDNT_RESOLVE_HOST,
     ANY,
     {"the name {host} does not resolve here",
      "correct the name in --url or its DNS; --connect 127.0.0.1 goes to this machine whatever the name says",
      false}},
    {CURLE_COULDNT_CONNECT,
     ANY,
     {"nothing takes connections there",
      "systemctl start apache2 (or lighttpd, which does not start while its workers cannot: see \"worker\" "
      "and "
      "\"access\" above), or correct host and port in --url and --connect",
      false}},
    {CURLE_OPERATION_TIMEDOUT,
     ANY,
     {"no answer in time",
      "a firewall drops the packets, or every worker is busy or hangs: see the web server's error log",
      false}},
    {CURLE_PEER_FAILED_VERIFICATION,
     X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
     {"its certificate is self-signed: no authority that this machine trusts vouches for it",
      "get one from an authority (certbot), or make this machine trust it (update-ca-certificates); " LOCAL,
      false}},
    {CURLE_PEER_FAILED_VERIFICATION,
     X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
     {"this machine does not trust the authority of its certificate",
      "make this machine trust it: its certificate into /usr/local/share/ca-certificates, then "
      "update-ca-certificates; " LOCAL,
      false}},
    {CURLE_PEER_FAILED_VERIFICATION,
     X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
     {"its certificate comes without the chain to an authority that this machine trusts",
      "let the web server send the whole chain (fullchain.pem), or make this machine trust the "
      "authority; " LOCAL,
      false}},
    {CURLE_PEER_FAILED_VERIFICATION,
     X509_V_ERR_CERT_HAS_EXPIRED,
     {"its certificate has expired", "certbot renew, then reload the web server", false}},
    {CURLE_PEER_FAILED_VERIFICATION,
     ANY,
     {"its certificate is for another name than {host}",
      "write the certificate's name into --url; --connect 127.0.0.1 goes to this machine all the same",
      false}},
    {CURLE_SSL_CONNECT_ERROR,
     ANY,
     {"no TLS is spoken there", "write http:// in --url, or the port that speaks TLS", false}},
    {CURLE_GOT_NOTHING,
     ANY,
     {"it hung up without an answer",
      "see the web server's error log: a worker or the server itself has ended", false}},
    {CURLE_RECV_ERROR,
     ANY,
     {"it hung up without an answer",
      "see the web server's error log: a worker or the server itself has ended", false}},
    {CURLE_SEND_ERROR,
     ANY,
     {"it hung up without an answer",
      "see the web server's error log: a worker or the server itself has ended", false}},
    {CURLE_UNSUPPORTED_PROTOCOL,
     ANY,
     {"what listens there does not speak HTTP", "correct host and port in --url", false}},
    {CURLE_WEIRD_SERVER_REPLY,
     ANY,
     {"what listens there does not speak HTTP", "correct host and port in --url", false}},
    {CURLE_URL_MALFORMAT, ANY, {"--url is no address", "http://HOST[:PORT][/PATH]", false}},
};

const struct cause *cause_of_exchange(int code, long verified)
{
    static const struct cause other = {"there is no answer", "correct --url", false};
    for (size_t i = 0; i < sizeof(exchange_causes) / sizeof(exchange_causes[0]); i++) {
        if (exchange_causes[i].code == code &&
            (exchange_causes[i].verified == ANY || exchange_causes[i].verified == verified))
            return &exchange_causes[i].cause;
    }
    return &other;
}

/* ---- An answer. */

#define OTHER_SITE "another site answers under this name"
#define LEAD                                                                                                 \
    "let the name lead to Palate's site (ServerName or $HTTP[\"host\"], enabled, and before the default "    \
    "one), "                                                                                                 \
    "and every path of it to palate.fcgi; the path in --url is [http] base_path; where the name leads to "   \
    "another machine, --connect ADDRESS"

static const struct {
    int status;                     /* ANY */
    int is_palate, is_unconfigured; /* 0, 1 or ANY */
    struct cause cause;
} answer_causes[] = {
    {500,
     1,
     1,
     {"the workers run, but cannot read their configuration",
      "PALATE_CONFIG must reach them (suexec removes it: `palate setup --site` writes a wrapper), and their "
      "user must "
      "be able to read that file and those it names: the web server's error log says which; as root, doctor "
      "checks it",
      false}},
    {500, 1, 0, {"a worker fails", "see the workers' log", false}},
    {404,
     1,
     ANY,
     {"a worker answers, but knows no /recommendations there", "[http] base_path must be the path of --url",
      false}},
    {ANY, 1, ANY, {NULL, NULL, false}},
    {301, 0, ANY, {"it leads elsewhere: {location}", "write that address into --url", false}},
    {302, 0, ANY, {"it leads elsewhere: {location}", "write that address into --url", false}},
    {307, 0, ANY, {"it leads elsewhere: {location}", "write that address into --url", false}},
    {308, 0, ANY, {"it leads elsewhere: {location}", "write that address into --url", false}},
    {400,
     0,
     ANY,
     {"the web server does not take the request", "where that port speaks TLS, write https:// in --url",
      false}},
    {401,
     0,
     ANY,
     {"the web server itself asks for a password", "leave Palate's paths out of that (Require all granted)",
      false}},
    {403,
     0,
     ANY,
     {"the web server itself refuses",
      "Apache: Require all granted for palate.fcgi and Options +ExecCGI; the server's user must be able to "
      "enter its directories; the error log says which",
      false}},
    {500,
     0,
     ANY,
     {"the web server cannot run the worker",
      "its error log says why: a library that is missing, a line of .htaccess that the host does not allow, "
      "a "
      "file mode that suexec refuses",
      false}},
    {502,
     0,
     ANY,
     {"the web server gets no answer from the worker",
      "its error log says why: the worker ends or cannot start", false}},
    {503,
     0,
     ANY,
     {"no worker is there: they did not start, or all are busy",
      "see the error log; lighttpd: its server.errorlog and server.breakagelog, then systemctl restart "
      "lighttpd",
      false}},
    {504,
     0,
     ANY,
     {"the web server gave up waiting for a worker", "see the workers' log, and whether the database hangs",
      false}},
    {ANY, 0, ANY, {OTHER_SITE, LEAD, false}},
};

static bool fits(int wanted, int value)
{
    return wanted == ANY || wanted == value;
}

const struct cause *cause_of_answer(const struct answer_signs *signs)
{
    /* The two that need more than one sign to be told from the rows of the table. */
    static const struct cause elsewhere = {
        "the workers run, but with another configuration than {config}, or with none",
        "let PALATE_CONFIG in the web server's file name {config} (Apache: Define PALATE_CONFIG; lighttpd: "
        "var.palate_config), then reload it",
        false};
    static const struct cause workerless = {"the web server finds no worker to start",
                                            "make install; see \"worker\" above", false};
    if (signs->status == 500 && signs->is_unconfigured && signs->is_reached)
        return &elsewhere;
    if (signs->status == 404 && !signs->is_palate && signs->is_worker_gone)
        return &workerless;
    for (size_t i = 0; i < sizeof(answer_causes) / sizeof(answer_causes[0]); i++) {
        if (fits(answer_causes[i].status, (int)signs->status) &&
            fits(answer_causes[i].is_palate, signs->is_palate) &&
            fits(answer_causes[i].is_unconfigured, signs->is_unconfigured))
            return answer_causes[i].cause.text ? &answer_causes[i].cause : NULL;
    }
    return NULL;
}

/* ---- What varies. */

static const char *find_word(const struct cause_word *words, const char *name, size_t length)
{
    for (const struct cause_word *word = words; word->name; word++) {
        if (strlen(word->name) == length && !strncmp(word->name, name, length))
            return word->value;
    }
    return NULL;
}

/* Replaces each {name}; one that is not known stays as it is. */
const char *cause_text(const char *text, const struct cause_word *words, struct arena *arena)
{
    const char *result = "", *open, *shut;
    while ((open = strchr(text, '{')) && (shut = strchr(open, '}'))) {
        const char *value = find_word(words, open + 1, (size_t)(shut - open - 1));
        result = value ? arena_format(arena, "%s%.*s%s", result, (int)(open - text), text, value)
                       : arena_format(arena, "%s%.*s", result, (int)(shut + 1 - text), text);
        text = shut + 1;
    }
    return arena_format(arena, "%s%s", result, text);
}
