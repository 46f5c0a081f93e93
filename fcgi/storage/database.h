/* One connection to MariaDB: connects when first needed, reconnects by itself between transactions, and
 * runs prepared statements only.
 *
 * MariaDB's own reconnect is off: it would silently go on outside the transaction that was lost. A lost
 * connection makes the statement fail with ERROR_DATABASE; the next statement outside a transaction opens
 * a new one. Deadlocks and lock time-outs fail with ERROR_DATABASE_RETRY; the transaction is then gone.
 *
 * A statement is used like this (storage files wrap it into one function a statement):
 *
 *     struct query q;
 *     if (!query_prepare(&q, db, STATEMENT_CLIENT_FIND, SQL, error))
 *         return false;
 *     query_bind_text(&q, client_id);
 *     if (!query_execute(&q, error)) ...
 *     while (query_fetch(&q, error)) { id = query_uint64(&q, 0); name = query_text(&q, 1, arena); }
 *     query_finish(&q);   -- always, also after a failure of execute or fetch
 */
#ifndef PALATE_STORAGE_DATABASE_H
#define PALATE_STORAGE_DATABASE_H

#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"

#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>

/* Every prepared statement of the product; the SQL stands beside the code that binds it. */
enum statement_id {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_CLIENT_FIND,
    STATEMENT_CLIENT_FIND_ENTITY,
    STATEMENT_CLIENT_FIND_USER,
    STATEMENT_CLIENT_FIND_ALIAS,
    STATEMENT_CLIENT_SECRETS,
    STATEMENT_CLIENT_REVISION,
    STATEMENT_CONTEXT_FIND_ID,
    STATEMENT_CONTEXT_FIND_KEY,
    STATEMENT_ITEMS_CHANGED,
    STATEMENT_ITEMS_WITHDRAWN,
    STATEMENT_ITEMS_HEADS,
    STATEMENT_ITEM_FIND,
    STATEMENT_ITEMS_LIST,
    STATEMENT_ITEMS_LIST_CATEGORY,
    STATEMENT_ITEMS_WRITE,
    STATEMENT_ITEMS_DELETE,
    STATEMENT_CATALOGUE_RAISE,
    STATEMENT_CATALOGUE_WRITE_NOTE,
    STATEMENT_CATALOGUE_WRITE_SETTLE,
    STATEMENT_ITEMS_POPULARITY,
    STATEMENT_ITEM_STATE,
    STATEMENT_EVENTS_RECENT,
    STATEMENT_EVENTS_VIEWED,
    STATEMENT_EVENTS_KNOWN,
    STATEMENT_EVENTS_KNOWN_ONE,
    STATEMENT_EVENTS_STORE,
    STATEMENT_EVENTS_REPEATED,
    STATEMENT_EVENTS_SETTLE,
    STATEMENT_EVENTS_FIND,
    STATEMENT_EVENTS_LIST,
    STATEMENT_EVENTS_LIST_DOWN,
    STATEMENT_EVENTS_LIST_USER,
    STATEMENT_EVENTS_LIST_USER_DOWN,
    STATEMENT_EVENTS_LIST_SESSION,
    STATEMENT_EVENTS_LIST_SESSION_DOWN,
    STATEMENT_EVENTS_LIST_REQUEST,
    STATEMENT_EVENTS_LIST_REQUEST_DOWN,
    STATEMENT_EVENT_TYPE_WEIGHTS,
    STATEMENT_EVENT_TYPE_ADD,
    STATEMENT_EMBEDDING_FIND,
    STATEMENT_EMBEDDING_STORE,
    STATEMENT_LOGS_COMMIT,
    STATEMENT_LOGS_COMMIT_BEGUN,
    STATEMENT_DECISION_SETTLE,
    STATEMENT_IMPRESSIONS_SHOWN,
    STATEMENT_IMPRESSIONS_EXPLORED,
    STATEMENT_IMPRESSIONS_COUNT,
    STATEMENT_SHADOW_INSERT,
    STATEMENT_RANKED_LIST_STORE,
    STATEMENT_RANKED_LIST_FIND,
    STATEMENT_RANKED_LISTS_EXPIRE,
    /* Only the command line tool uses these. */
    STATEMENT_TENANT_FIND,
    STATEMENT_TENANT_INSERT,
    STATEMENT_TENANT_LIST,
    STATEMENT_TENANT_LOCK_REVISION,
    STATEMENT_TENANT_READ_REVISION,
    STATEMENT_CLIENT_INSERT,
    STATEMENT_CLIENT_LIST,
    STATEMENT_CLIENT_SET_ACTIVE,
    STATEMENT_CLIENT_ROTATE,
    STATEMENT_CLIENT_REVOKE,
    STATEMENT_CLIENT_SET_RATE,
    STATEMENT_CLIENT_REVOKE_TOKENS,
    STATEMENT_ALIAS_FIND,
    STATEMENT_ALIAS_INSERT,
    STATEMENT_ALIAS_LIST,
    STATEMENT_ALIAS_DELETE,
    STATEMENT_CONTEXT_STORE,
    STATEMENT_CONTEXT_LIST,
    STATEMENT_CONTEXT_DELETE,
    STATEMENT_ITEM_STORE,
    STATEMENT_EVENT_INSERT,
    STATEMENT_EVENTS_STREAM,
    STATEMENT_ITEMS_STREAM,
    STATEMENT_EVENT_TYPE_INSERT,
    STATEMENT_EVENT_TYPE_LIST,
    STATEMENT_EVENT_TYPE_STORE,
    STATEMENT_EVENT_TYPE_DELETE,
    STATEMENT_MODEL_INSERT,
    STATEMENT_MODEL_NEXT_GENERATION,
    STATEMENT_COUNT_ROWS,
    STATEMENT_PUSH_POSITION_READ,
    STATEMENT_PUSH_POSITION_MAKE,
    STATEMENT_PUSH_POSITION_MOVE,
    STATEMENT_PUSH_POSITION_COMPLETE,
    STATEMENT_PUSH_ITEMS,
    STATEMENT_PUSH_EVENTS,
    STATEMENT_PUSH_USERS,
    STATEMENT_PUSH_EVENTS_NEWEST,
    STATEMENT_PUSH_FIRST_ITEM,
    STATEMENT_PUSH_FIRST_EVENT,
    STATEMENT_PUSH_ITEMS_LAG,
    STATEMENT_PUSH_EVENTS_LAG,
    STATEMENT_PUSH_ITEMS_ALL,
    STATEMENT_PUSH_EVENTS_ALL,
    STATEMENT_SHADOW_PAIRS,
    STATEMENT_SHADOW_EVENTS,
    STATEMENT_SCHEMA_VERSION,
    STATEMENT_SCHEMA_NOTE,
    STATEMENT_TENANT_SET_ACTIVE,
    STATEMENT_TENANT_SET_REVISION,
    STATEMENT_CLIENT_READ,
    STATEMENT_CONTEXT_READ,
    STATEMENT_ITEMS_COUNT_REVISION,
    STATEMENT_ITEMS_APPLY,
    STATEMENT_SCHEMA_EXISTS,
    STATEMENT_LOCK_TAKE,
    STATEMENT_LOCK_RELEASE,
    STATEMENT_GRANTS_LIST,
    STATEMENT_PROBE,
    STATEMENT_USER_READ_EVENTS,
    STATEMENT_USER_READ_PROFILE,
    STATEMENT_USER_READ_REQUESTS,
    STATEMENT_USER_READ_SHADOWS,
    STATEMENT_USER_ERASE_SHADOWS,
    STATEMENT_USER_ERASE_DECISIONS,
    STATEMENT_USER_ERASE_REQUESTS,
    STATEMENT_USER_ERASE_PROFILE,
    STATEMENT_USER_ERASE_EVENTS,
    STATEMENT_USER_ERASE_LISTS,
    STATEMENT_ERASURE_INSERT,
    STATEMENT_TRIAL_CLIENT_REMOVE,
    STATEMENT_TRIAL_ENTITY_REMOVE,
    STATEMENT_TRIAL_CLIENTS_REMOVE_OLD,
    STATEMENT_TRIAL_DECISION_FIND,
    STATEMENT__MAX
};

enum { QUERY_PARAMETERS = 20, QUERY_COLUMNS = 16 };

struct database;

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

/* The last attempt to connect failed. */
bool database_is_unreachable(const struct database *db) __attribute__((nonnull));

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

/* The raw handle, NULL when not connected. For bulk binding in imports; tool only. */
MYSQL *database_handle(struct database *db) __attribute__((nonnull));

struct query {
    struct database *db;
    MYSQL_STMT *statement;
    enum statement_id id;
    unsigned parameter_count, column_count;
    MYSQL_BIND parameters[QUERY_PARAMETERS];
    MYSQL_BIND columns[QUERY_COLUMNS];
    unsigned long parameter_lengths[QUERY_PARAMETERS];
    unsigned long column_lengths[QUERY_COLUMNS];
    my_bool column_nulls[QUERY_COLUMNS];
    int64_t numbers[QUERY_PARAMETERS];
    bool open; /* a result is waiting */
};

/* Prepares (once a connection) and starts a statement. Outside a transaction a dead connection is
 * replaced. The text must always be the same for an id. */
bool query_prepare(struct query *query, struct database *db, enum statement_id id, const char *sql,
                   struct error *error) __attribute__((nonnull, warn_unused_result));

/* Bind the next parameter. Pointers must stay valid until query_execute() returns. */
void query_bind_int64(struct query *query, int64_t number) __attribute__((nonnull));
void query_bind_uint64(struct query *query, uint64_t number) __attribute__((nonnull));
void query_bind_bytes(struct query *query, const void *bytes, size_t length) __attribute__((nonnull));
/* NULL binds SQL NULL. */
void query_bind_text(struct query *query, const char *text) __attribute__((nonnull(1)));

/* Runs it, and reads the whole result into the client's memory unless streaming was asked for. */
bool query_execute(struct query *query, struct error *error) __attribute__((nonnull, warn_unused_result));

/* The same, but rows stay on the server until fetched: for millions of rows. No other statement may run
 * on this connection until query_finish(). Tool only. */
bool query_execute_streaming(struct query *query, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Runs a compound statement that commits and then selects one number, which is set on COMMIT_DONE; it may
 * also begin the transaction. An error other than a deadlock or a lock time-out may have come behind the
 * COMMIT (KILL QUERY), so that the outcome is unknown. Nothing of the transaction is left open. */
enum commit_outcome query_commit(struct query *query, uint64_t *number, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Steps to the next row. False at the end or on failure (error->code tells). */
bool query_fetch(struct query *query, struct error *error) __attribute__((nonnull));

/* Values of the current row, column numbers from 0. NULL reads as 0, NULL text as NULL. */
int64_t query_int64(struct query *query, unsigned column) __attribute__((nonnull));
uint64_t query_uint64(struct query *query, unsigned column) __attribute__((nonnull));
double query_double(struct query *query, unsigned column) __attribute__((nonnull));
char *query_text(struct query *query, unsigned column, struct arena *arena) __attribute__((nonnull));
/* Length of the text or bytes in a column. */
size_t query_length(const struct query *query, unsigned column) __attribute__((nonnull));

/* Rows changed, and the AUTO_INCREMENT value made, by the last execute. */
uint64_t query_affected(const struct query *query) __attribute__((nonnull));
uint64_t query_insert_id(const struct query *query) __attribute__((nonnull));

/* Frees the result; the statement stays prepared. */
void query_finish(struct query *query) __attribute__((nonnull));

#endif
