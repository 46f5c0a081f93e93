/* One connection to MariaDB; see database.h.
 *
 * Two rules keep a transaction honest. A lost connection is closed where the loss is noticed, and an open
 * transaction stays marked as such until its end: so no later statement of it can slip onto a new connection
 * and be committed by itself. And a statement handle belongs to its connection: all of them go with it.
 *
 * A server may end a transaction, too, and answer as if it had not: a node of a Galera cluster does when the
 * write of another node comes first in the middle of an array-bound statement (MariaDB 10.11; text and plain
 * prepared statements fail with 1213 there). What comes next would be committed by itself, and the COMMIT of
 * nothing succeeds. The status that comes with each answer tells, so that is looked at behind each statement of
 * a transaction.
 *
 * On a Galera cluster a node that is lost is no reason to fail for good: another has what it acknowledged. So
 * what a lost node has left undone may be tried again (ERROR_DATABASE_RETRY), and connecting walks the hosts. A
 * host that refuses, does not answer in connect_timeout or is not ready is left alone for a while
 * (base/host_list.h). */
#include "storage/database.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/random.h"
#include "storage/connection.h"
#include "storage/database_internal.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>

struct database *database_create(const struct config *config)
{
    struct database *db = memory_alloc(1, sizeof(*db));
    db->config = config;
    /* The configuration has been checked (base/config.c), so the list can be read. */
    db->in_cluster = host_list_read(config->database_host, &db->hosts) && db->hosts.count > 1;
    return db;
}

static void close_handle(struct database *db)
{
    for (size_t i = 0; i < PREPARED_SLOTS; i++) {
        if (db->prepared[i].handle)
            mysql_stmt_close(db->prepared[i].handle);
        db->prepared[i] = (struct prepared){0};
    }
    db->prepared_count = 0;
    db->open = NULL;
    if (db->handle)
        mysql_close(db->handle);
    db->handle = NULL;
}

void database_disconnect(struct database *db)
{
    close_handle(db);
    db->in_transaction = false;
}

void database_destroy(struct database *db)
{
    if (!db)
        return;
    database_disconnect(db);
    memory_free(db);
}

static bool connection_lost(unsigned code)
{
    return code == CR_SERVER_GONE_ERROR || code == CR_SERVER_LOST || code == CR_SERVER_LOST_EXTENDED ||
           code == ER_CONNECTION_KILLED || code == ER_SERVER_SHUTDOWN || code == CR_COMMANDS_OUT_OF_SYNC;
}

/* The node is no part of the cluster any more, or was put out of it while it committed. */
static bool node_left(const struct database *db, unsigned code)
{
    return db->in_cluster && (code == ER_UNKNOWN_COM_ERROR || code == ER_ERROR_DURING_COMMIT);
}

/* Outside a transaction nothing waits for a lock but for moments: the node waited for what was acknowledged
 * elsewhere (wsrep_sync_wait) and is no member now, or is about to become none. */
static bool cannot_catch_up(const struct database *db, unsigned code)
{
    return db->in_cluster && code == ER_LOCK_WAIT_TIMEOUT && !db->in_transaction;
}

/* ER_QUERY_INTERRUPTED: a transaction of another node came first and ended ours in the middle of a statement. */
static bool may_do_well_later(const struct database *db, unsigned code)
{
    return code == ER_LOCK_DEADLOCK || code == ER_LOCK_WAIT_TIMEOUT ||
           (db->in_cluster && (connection_lost(code) || node_left(db, code) || code == ER_QUERY_INTERRUPTED));
}

static void leave_host(struct database *db, size_t position)
{
    unsigned char chance;
    random_fill(&chance, sizeof(chance));
    if (position < db->hosts.count)
        host_list_failed(&db->hosts, position, clock_monotonic_us(), chance);
}

/* Turns a failure of MariaDB into our error and drops the connection where it is of no more use. */
static bool fail(struct database *db, struct error *error, const char *what, unsigned code, const char *text)
{
    db->last_code = code;
    error_set(error, may_do_well_later(db, code) ? ERROR_DATABASE_RETRY : ERROR_DATABASE, DATABASE_MESSAGE);
    error_detail(error, "%s: MariaDB error %u: %s", what, code, text);
    const bool is_left = node_left(db, code) || cannot_catch_up(db, code);
    if (is_left || code == CR_SERVER_LOST)
        leave_host(db, db->hosts.current);
    if (is_left || connection_lost(code))
        close_handle(db);
    return false;
}

/* What connecting failed with stands in db->last_code and refused: the first refusal is told. */
static bool connect_to(struct database *db, const char *host, struct error *refused)
{
    MYSQL *handle = mysql_init(NULL);
    if (!handle)
        memory_exhausted();
    metrics_count(METRICS_CONNECTIONS);
    bool done = connection_open(handle, db->config, host, db->node);
    if (!done || (db->hosts.count > 1 && !*db->node)) {
        db->last_code = mysql_errno(handle);
        error_set(refused, db->in_cluster ? ERROR_DATABASE_RETRY : ERROR_DATABASE, DATABASE_MESSAGE);
        error_detail(refused, "connect%s%s: MariaDB error %u: %s", db->hosts.count > 1 ? " to " : "",
                     db->hosts.count > 1 ? host : "", db->last_code,
                     done ? "several hosts are set, and this one is no node of a Galera cluster"
                          : mysql_error(handle));
        mysql_close(handle);
        return false;
    }
    db->handle = handle;
    db->in_cluster = *db->node;
    db->exposed = connection_is_exposed(handle);
    return true;
}

bool database_connect(struct database *db, struct error *error)
{
    size_t order[HOST_LIST_MAX] = {0};
    size_t ready = host_list_order(&db->hosts, clock_monotonic_us(), order);
    /* Those that are paused only where there is nobody else; the socket where there are no hosts. */
    size_t tries = ready ? ready : 1;
    struct error refused = {0};
    for (size_t i = 0; !db->handle && i < tries; i++) {
        if (connect_to(db, db->hosts.count ? db->hosts.hosts[order[i]].name : "", &refused)) {
            db->unreachable = false;
            if (db->hosts.count)
                host_list_reached(&db->hosts, order[i]);
        } else {
            db->unreachable = true;
            leave_host(db, order[i]);
        }
    }
    if (!db->handle && error->code == ERROR_NONE)
        *error = refused;
    return db->handle;
}

bool database_is_in_cluster(const struct database *db)
{
    return db->in_cluster;
}

bool database_has_moved(const struct database *db)
{
    return db->handle && *db->commit_node && strcmp(db->node, db->commit_node) != 0;
}

const char *database_node(const struct database *db)
{
    return db->node;
}

int64_t database_retry_us(const struct database *db)
{
    return db->config->database_lock_timeout * INT64_C(1000000);
}

const char *database_host(const struct database *db)
{
    return db->hosts.count ? db->hosts.hosts[db->hosts.current].name : "";
}

bool database_is_connected(const struct database *db)
{
    return db->handle;
}

bool database_is_exposed(const struct database *db)
{
    return db->handle && db->exposed;
}

const char *database_encryption(const struct database *db)
{
    const char *version = NULL;
    if (db->handle && mysql_get_ssl_cipher(db->handle))
        mariadb_get_infov(db->handle, MARIADB_CONNECTION_TLS_VERSION, (void *)&version);
    return version;
}

bool database_is_unreachable(const struct database *db)
{
    return db->unreachable;
}

bool database_ran_out_of_time(const struct database *db)
{
    return db->last_code == ER_STATEMENT_TIMEOUT;
}

unsigned database_last_code(const struct database *db)
{
    return db->last_code;
}

/* BEGIN, COMMIT or ROLLBACK, as a text: to prepare them would save nothing. A result that is still open would
 * stand in its way on the wire. */
static bool run_plain(struct database *db, const char *sql, struct error *error)
{
    if (!db->handle && db->in_transaction)
        return error_set(error, ERROR_DATABASE, DATABASE_MESSAGE);
    if (!database_connect(db, error))
        return false;
    database_free_result(db);
    metrics_count(METRICS_ROUND_TRIPS);
    return !mysql_real_query(db->handle, sql, strlen(sql)) ||
           fail(db, error, sql, mysql_errno(db->handle), mysql_error(db->handle));
}

bool database_begin(struct database *db, struct error *error)
{
    bool was_connected = db->handle;
    struct error first = {0};
    if (run_plain(db, "START TRANSACTION", &first)) {
        db->in_transaction = true;
        return true;
    }
    if (!was_connected || db->handle) {
        *error = first;
        return false;
    }
    db->in_transaction = run_plain(db, "START TRANSACTION", error);
    return db->in_transaction;
}

bool database_begin_late(struct database *db, struct error *error)
{
    return db->in_transaction || database_begin(db, error);
}

bool database_has_begun(const struct database *db)
{
    return db->in_transaction;
}

/* What is stopped from outside, by its time or an administrator, may be stopped behind what counts: the
 * connection then says nothing of what became of the COMMIT. */
static bool was_stopped(unsigned code)
{
    return code == ER_STATEMENT_TIMEOUT || code == ER_QUERY_INTERRUPTED;
}

void database_note_commit(struct database *db)
{
    memcpy(db->commit_node, db->node, sizeof(db->commit_node));
}

enum commit_outcome database_commit(struct database *db, struct error *error)
{
    database_note_commit(db);
    bool done = run_plain(db, "COMMIT", error);
    db->in_transaction = false;
    if (done)
        return COMMIT_DONE;
    if (was_stopped(db->last_code))
        close_handle(db);
    /* fail() has closed the handle where the answer was lost on its way. */
    return db->handle ? COMMIT_FAILED : COMMIT_UNKNOWN;
}

void database_rollback(struct database *db)
{
    if (!db->in_transaction)
        return;
    struct error ignored = {0};
    if (db->handle && !run_plain(db, "ROLLBACK", &ignored))
        database_disconnect(db);
    db->in_transaction = false;
}

bool database_run_script(struct database *db, const char *sql, struct error *error)
{
    if (!database_connect(db, error))
        return false;
    database_free_result(db);
    if (mysql_set_server_option(db->handle, MYSQL_OPTION_MULTI_STATEMENTS_ON))
        return fail(db, error, "multi statements", mysql_errno(db->handle), mysql_error(db->handle));
    bool done = mysql_real_query(db->handle, sql, strlen(sql)) == 0;
    int next = 0;
    while (done && next == 0) {
        MYSQL_RES *result = mysql_store_result(db->handle);
        if (result)
            mysql_free_result(result);
        next = mysql_next_result(db->handle);
        done = next <= 0;
    }
    if (!done)
        fail(db, error, "schema", mysql_errno(db->handle), mysql_error(db->handle));
    if (db->handle)
        mysql_set_server_option(db->handle, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
    return done;
}

/* ---- For query.c and bulk.c */

void database_fail(struct database *db, MYSQL_STMT *statement, const char *what, struct error *error)
{
    /* Copied, because closing the connection frees the statement with its texts. */
    char text[300];
    snprintf(text, sizeof(text), "%s", mysql_stmt_error(statement));
    fail(db, error, what, mysql_stmt_errno(statement), text);
}

bool database_keeps_transaction(struct database *db, const struct statement *statement, struct error *error)
{
    unsigned status = 0;
    if (!db->in_transaction || mariadb_get_infov(db->handle, MARIADB_CONNECTION_SERVER_STATUS, &status) ||
        status & SERVER_STATUS_IN_TRANS)
        return true;
    error_set(error, ERROR_DATABASE_RETRY, DATABASE_MESSAGE);
    return error_detail(error,
                        "the server has rolled the transaction back within \"%.60s...\", without an error",
                        statement->sql);
}

void database_free_result(struct database *db)
{
    if (db->open)
        mysql_stmt_free_result(db->open);
    db->open = NULL;
}

/* The place of a statement in the table, or the free one where it belongs. The statements of a file lie side
 * by side in memory, so the plain address spreads them without a single collision. */
static struct prepared *find_prepared(struct database *db, const struct statement *statement)
{
    size_t i = (uintptr_t)statement / sizeof(struct statement) % PREPARED_SLOTS;
    while (db->prepared[i].statement && db->prepared[i].statement != statement)
        i = (i + 1) % PREPARED_SLOTS;
    return &db->prepared[i];
}

MYSQL_STMT *database_prepare(struct database *db, const struct statement *statement, struct error *error)
{
    /* The connection of the transaction is lost: a new one would know nothing of what it did. */
    if (!db->handle && db->in_transaction) {
        error_set(error, ERROR_DATABASE, DATABASE_MESSAGE);
        return NULL;
    }
    if (!database_connect(db, error))
        return NULL;
    database_free_result(db);
    struct prepared *place = find_prepared(db, statement);
    if (place->handle)
        return place->handle;
    if (db->prepared_count == PREPARED_SLOTS / 2)
        memory_exhausted(); /* cannot happen: the product has fewer statements */
    MYSQL_STMT *handle = mysql_stmt_init(db->handle);
    if (!handle)
        memory_exhausted();
    metrics_count(METRICS_ROUND_TRIPS);
    if (mysql_stmt_prepare(handle, statement->sql, strlen(statement->sql))) {
        unsigned code = mysql_stmt_errno(handle);
        char text[300];
        snprintf(text, sizeof(text), "%s", mysql_stmt_error(handle));
        mysql_stmt_close(handle); /* before the connection, which fail() may close */
        fail(db, error, "prepare", code, text);
        return NULL;
    }
    *place = (struct prepared){.statement = statement, .handle = handle};
    db->prepared_count++;
    return handle;
}
