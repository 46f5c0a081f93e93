/* One connection to MariaDB; see database.h. */
#include "storage/database.h"

#include "base/memory.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>

static const char PUBLIC_MESSAGE[] = "The database could not do its part";

struct database {
    const struct config *config;
    MYSQL *handle;                        /* NULL: not connected */
    MYSQL_STMT *prepared[STATEMENT__MAX]; /* of this connection */
    bool in_transaction;
    bool unreachable;   /* the last attempt to connect failed */
    unsigned last_code; /* of MariaDB's last failure */
};

struct database *database_create(const struct config *config)
{
    struct database *db = memory_alloc(1, sizeof(*db));
    db->config = config;
    return db;
}

/* An open transaction stays marked as such, so that no later statement of it can slip onto a new
 * connection: only its end clears the mark. */
static void close_handle(struct database *db)
{
    for (int i = 0; i < STATEMENT__MAX; i++) {
        if (db->prepared[i])
            mysql_stmt_close(db->prepared[i]);
        db->prepared[i] = NULL;
    }
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

/* Turns a failure of MariaDB into our error and drops the connection where it is of no more use. */
static bool fail(struct database *db, struct error *error, const char *what, unsigned code, const char *text)
{
    db->last_code = code;
    bool retry = code == ER_LOCK_DEADLOCK || code == ER_LOCK_WAIT_TIMEOUT;
    error_set(error, retry ? ERROR_DATABASE_RETRY : ERROR_DATABASE, "%s", PUBLIC_MESSAGE);
    error_detail(error, "%s: MariaDB error %u: %s", what, code, text);
    if (connection_lost(code))
        close_handle(db);
    return false;
}

static void set_options(MYSQL *handle, const struct config *config)
{
    unsigned connect_timeout = (unsigned)config->database_connect_timeout;
    unsigned timeout = (unsigned)config->database_timeout;
    my_bool no = 0;
    char session[300];
    snprintf(session, sizeof(session),
             "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',"
             "time_zone='+00:00',tx_isolation='READ-COMMITTED',autocommit=1,"
             "innodb_lock_wait_timeout=%ld,lock_wait_timeout=%ld",
             config->database_lock_timeout, config->database_lock_timeout);
    mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
    mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &timeout);
    mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
    mysql_options(handle, MYSQL_OPT_RECONNECT, &no);
    mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, NULL);
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(handle, MYSQL_INIT_COMMAND, session);
}

bool database_connect(struct database *db, struct error *error)
{
    if (db->handle)
        return true;
    const struct config *config = db->config;
    MYSQL *handle = mysql_init(NULL);
    if (!handle)
        memory_exhausted();
    set_options(handle, config);
    const char *socket = *config->database_host ? NULL : config->database_socket;
    const char *host = socket ? "localhost" : config->database_host;
    if (!mysql_real_connect(handle, host, config->database_user, config->database_password,
                            config->database_name, (unsigned)config->database_port, socket,
                            CLIENT_FOUND_ROWS)) {
        fail(db, error, "connect", mysql_errno(handle), mysql_error(handle));
        mysql_close(handle);
        db->unreachable = true;
        return false;
    }
    db->handle = handle;
    db->unreachable = false;
    return true;
}

bool database_is_connected(const struct database *db)
{
    return db->handle;
}

bool database_is_unreachable(const struct database *db)
{
    return db->unreachable;
}

unsigned database_last_code(const struct database *db)
{
    return db->last_code;
}

MYSQL *database_handle(struct database *db)
{
    return db->handle;
}

/* A statement without parameters and rows. Reconnects once when the connection had died while idle. */
static bool run_plain(struct database *db, enum statement_id id, const char *sql, struct error *error)
{
    struct query query;
    bool done = query_prepare(&query, db, id, sql, error) && query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool database_begin(struct database *db, struct error *error)
{
    bool was_connected = db->handle;
    struct error first = {0};
    if (run_plain(db, STATEMENT_BEGIN, "START TRANSACTION", &first)) {
        db->in_transaction = true;
        return true;
    }
    if (!was_connected || db->handle) {
        *error = first;
        return false;
    }
    db->in_transaction = run_plain(db, STATEMENT_BEGIN, "START TRANSACTION", error);
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

enum commit_outcome database_commit(struct database *db, struct error *error)
{
    bool done = run_plain(db, STATEMENT_COMMIT, "COMMIT", error);
    db->in_transaction = false;
    if (done)
        return COMMIT_DONE;
    /* fail() has closed the handle where the answer was lost on its way. */
    return db->handle ? COMMIT_FAILED : COMMIT_UNKNOWN;
}

void database_rollback(struct database *db)
{
    if (!db->in_transaction)
        return;
    struct error ignored = {0};
    if (db->handle && !run_plain(db, STATEMENT_ROLLBACK, "ROLLBACK", &ignored))
        database_disconnect(db);
    db->in_transaction = false;
}

bool database_run_script(struct database *db, const char *sql, struct error *error)
{
    if (!database_connect(db, error))
        return false;
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

static bool fail_statement(struct query *query, const char *what, struct error *error)
{
    unsigned code = mysql_stmt_errno(query->statement);
    char text[300];
    snprintf(text, sizeof(text), "%s", mysql_stmt_error(query->statement));
    return fail(query->db, error, what, code, text);
}

bool query_prepare(struct query *query, struct database *db, enum statement_id id, const char *sql,
                   struct error *error)
{
    *query = (struct query){.db = db, .id = id};
    if (!db->handle && db->in_transaction)
        return error_set(error, ERROR_DATABASE, "%s", PUBLIC_MESSAGE);
    if (!database_connect(db, error))
        return false;
    query->statement = db->prepared[id];
    if (query->statement)
        return true;
    query->statement = mysql_stmt_init(db->handle);
    if (!query->statement)
        memory_exhausted();
    if (mysql_stmt_prepare(query->statement, sql, strlen(sql))) {
        /* Not kept, so closed here; fail() may close the whole connection, but after this. */
        unsigned code = mysql_stmt_errno(query->statement);
        char text[300];
        snprintf(text, sizeof(text), "%s", mysql_stmt_error(query->statement));
        mysql_stmt_close(query->statement);
        query->statement = NULL;
        return fail(db, error, "prepare", code, text);
    }
    db->prepared[id] = query->statement;
    return true;
}

static MYSQL_BIND *next_parameter(struct query *query)
{
    if (query->parameter_count == QUERY_PARAMETERS)
        memory_exhausted(); /* a mistake of ours that no test could miss */
    MYSQL_BIND *bind = &query->parameters[query->parameter_count];
    *bind = (MYSQL_BIND){.length = &query->parameter_lengths[query->parameter_count]};
    query->parameter_count++;
    return bind;
}

static void bind_integer(struct query *query, int64_t number, bool is_unsigned)
{
    query->numbers[query->parameter_count % QUERY_PARAMETERS] = number;
    int64_t *place = &query->numbers[query->parameter_count % QUERY_PARAMETERS];
    MYSQL_BIND *bind = next_parameter(query);
    bind->buffer_type = MYSQL_TYPE_LONGLONG;
    bind->buffer = place;
    bind->is_unsigned = is_unsigned;
}

void query_bind_int64(struct query *query, int64_t number)
{
    bind_integer(query, number, false);
}

void query_bind_uint64(struct query *query, uint64_t number)
{
    bind_integer(query, (int64_t)number, true);
}

static void bind_buffer(struct query *query, enum enum_field_types type, const void *bytes, size_t length)
{
    MYSQL_BIND *bind = next_parameter(query);
    bind->buffer_type = type;
    bind->buffer = (void *)(uintptr_t)bytes;
    bind->buffer_length = length;
    *bind->length = length;
}

void query_bind_bytes(struct query *query, const void *bytes, size_t length)
{
    bind_buffer(query, MYSQL_TYPE_BLOB, bytes, length);
}

void query_bind_text(struct query *query, const char *text)
{
    if (text)
        bind_buffer(query, MYSQL_TYPE_STRING, text, strlen(text));
    else
        next_parameter(query)->buffer_type = MYSQL_TYPE_NULL;
}

/* Columns are first fetched without a buffer, which tells their lengths and converts nothing; each reader
 * then asks for the one it wants in the type that it wants. */
static bool bind_columns(struct query *query)
{
    query->column_count = mysql_stmt_field_count(query->statement);
    if (query->column_count == 0)
        return true;
    if (query->column_count > QUERY_COLUMNS)
        memory_exhausted();
    for (unsigned i = 0; i < query->column_count; i++) {
        query->columns[i] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                                         .flags = MADB_BIND_DUMMY,
                                         .length = &query->column_lengths[i],
                                         .is_null = &query->column_nulls[i]};
    }
    return !mysql_stmt_bind_result(query->statement, query->columns);
}

/* An error where rows were expected, such as a deadlock in INSERT ... RETURNING. Unless it is reset, the
 * statement's next execution would wait for the rest of this result until the time-out. */
static bool fail_result(struct query *query, struct error *error)
{
    fail_statement(query, "read result", error);
    if (query->db->handle)
        mysql_stmt_reset(query->statement);
    return false;
}

static bool execute(struct query *query, bool streaming, struct error *error)
{
    if (query->parameter_count && mysql_stmt_bind_param(query->statement, query->parameters))
        return fail_statement(query, "bind", error);
    if (mysql_stmt_execute(query->statement))
        return fail_statement(query, "execute", error);
    if (!bind_columns(query))
        return fail_statement(query, "bind result", error);
    if (query->column_count == 0)
        return true;
    query->open = true;
    return streaming || !mysql_stmt_store_result(query->statement) || fail_result(query, error);
}

bool query_execute(struct query *query, struct error *error)
{
    return execute(query, false, error);
}

bool query_execute_streaming(struct query *query, struct error *error)
{
    return execute(query, true, error);
}

/* What is left of a compound statement's results; the last one tells how it ended. */
static bool read_to_end(struct query *query, struct error *error)
{
    int next;
    while ((next = mysql_stmt_next_result(query->statement)) == 0) {
    }
    return next < 0 || fail_result(query, error);
}

enum commit_outcome query_commit(struct query *query, uint64_t *number, struct error *error)
{
    struct database *db = query->db;
    db->in_transaction = true;
    bool done = query_execute(query, error) && query_fetch(query, error);
    if (done) {
        *number = query_uint64(query, 0);
        done = read_to_end(query, error);
    }
    query_finish(query);
    if (!done && db->handle) {
        database_rollback(db);
        return error->code == ERROR_DATABASE_RETRY ? COMMIT_FAILED : COMMIT_UNKNOWN;
    }
    db->in_transaction = false;
    return done ? COMMIT_DONE : COMMIT_UNKNOWN;
}

bool query_fetch(struct query *query, struct error *error)
{
    int outcome = mysql_stmt_fetch(query->statement);
    if (outcome == 0 || outcome == MYSQL_DATA_TRUNCATED)
        return true;
    if (outcome != MYSQL_NO_DATA)
        fail_statement(query, "fetch", error);
    return false;
}

static bool fetch_column(struct query *query, unsigned column, MYSQL_BIND *bind)
{
    return !query->column_nulls[column] && !mysql_stmt_fetch_column(query->statement, bind, column, 0);
}

int64_t query_int64(struct query *query, unsigned column)
{
    int64_t number = 0;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &number};
    return fetch_column(query, column, &bind) ? number : 0;
}

uint64_t query_uint64(struct query *query, unsigned column)
{
    uint64_t number = 0;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &number, .is_unsigned = 1};
    return fetch_column(query, column, &bind) ? number : 0;
}

double query_double(struct query *query, unsigned column)
{
    double number = 0;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &number};
    return fetch_column(query, column, &bind) ? number : 0;
}

size_t query_length(const struct query *query, unsigned column)
{
    return query->column_nulls[column] ? 0 : query->column_lengths[column];
}

char *query_text(struct query *query, unsigned column, struct arena *arena)
{
    if (query->column_nulls[column])
        return NULL;
    unsigned long length = query->column_lengths[column];
    char *text = arena_alloc(arena, length + 1, 1);
    MYSQL_BIND bind = {
        .buffer_type = MYSQL_TYPE_STRING, .buffer = text, .buffer_length = length + 1, .length = &length};
    return fetch_column(query, column, &bind) ? text : NULL;
}

uint64_t query_affected(const struct query *query)
{
    return mysql_stmt_affected_rows(query->statement);
}

uint64_t query_insert_id(const struct query *query)
{
    return mysql_stmt_insert_id(query->statement);
}

void query_finish(struct query *query)
{
    /* After a lost connection the statement is closed and no longer in the table. */
    bool alive = query->statement && query->db->prepared[query->id] == query->statement;
    if (query->open && alive)
        mysql_stmt_free_result(query->statement);
    query->open = false;
}
