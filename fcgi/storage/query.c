/* Prepared statements; see query.h.
 *
 * MariaDB's client wants a buffer for each column before the first row comes, when its size is not known. So
 * columns are bound without one (MADB_BIND_DUMMY), which only fills in their lengths and converts nothing;
 * each reader then fetches the one that it wants in the type that it wants, texts right into the arena. */
#include "storage/query.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "storage/database_internal.h"

#include <string.h>

/* An error where rows were expected, such as a deadlock in INSERT ... RETURNING. Unless it is reset, the
 * statement's next execution would wait for the rest of this result until the time-out. */
static bool fail_result(struct query *query)
{
    MYSQL_STMT *handle = query->handle;
    query->open = false;
    query->db->open = NULL;
    database_fail(query->db, handle, "read result", query->error);
    if (query->db->handle)
        mysql_stmt_reset(handle);
    return false;
}

static bool fail_statement(struct query *query, const char *what)
{
    database_fail(query->db, query->handle, what, query->error);
    return false;
}

bool query_prepare_with(struct query *query, struct database *db, const struct statement *statement,
                        size_t parameters, struct error *error)
{
    *query = (struct query){.db = db, .error = error};
    query->handle = database_prepare(db, statement, error);
    query->run = ++db->runs;
    if (!query->handle || mysql_stmt_param_count(query->handle) == parameters)
        return query->handle;
    error_set(error, ERROR_DATABASE, DATABASE_MESSAGE);
    return error_detail(error, "%zu parameters for \"%s\"", parameters, statement->sql);
}

bool query_can_prepare(struct database *db, const struct statement *statement, struct error *error)
{
    return database_prepare(db, statement, error);
}

/* The client's library copies binds, but not what their pointers lead to. */
static bool bind_parameters(struct query *query, const struct parameter *parameters, size_t count,
                            MYSQL_BIND *binds)
{
    if (count > QUERY_PARAMETERS)
        memory_exhausted(); /* a mistake of ours that no test could miss */
    for (size_t i = 0; i < count; i++) {
        const struct parameter *parameter = &parameters[i];
        bool is_number = parameter->kind == PARAMETER_SIGNED || parameter->kind == PARAMETER_UNSIGNED;
        const void *place = is_number ? &parameter->number : parameter->bytes;
        binds[i] = (MYSQL_BIND){.buffer_type = is_number                           ? MYSQL_TYPE_LONGLONG
                                               : !place                            ? MYSQL_TYPE_NULL
                                               : parameter->kind == PARAMETER_TEXT ? MYSQL_TYPE_STRING
                                                                                   : MYSQL_TYPE_BLOB,
                                .buffer = (void *)(uintptr_t)place,
                                .buffer_length = parameter->length,
                                .is_unsigned = parameter->kind == PARAMETER_UNSIGNED};
        binds[i].length = &binds[i].buffer_length;
    }
    return !count || !mysql_stmt_bind_param(query->handle, binds) || fail_statement(query, "bind");
}

static bool bind_columns(struct query *query)
{
    MYSQL_BIND columns[QUERY_COLUMNS];
    query->column_count = mysql_stmt_field_count(query->handle);
    if (query->column_count > QUERY_COLUMNS)
        memory_exhausted(); /* a mistake of ours that no test could miss */
    for (unsigned i = 0; i < query->column_count; i++) {
        columns[i] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                                  .flags = MADB_BIND_DUMMY,
                                  .length = &query->lengths[i],
                                  .is_null = &query->nulls[i]};
    }
    return !query->column_count || !mysql_stmt_bind_result(query->handle, columns);
}

bool query_execute_bound(struct query *query, bool streaming)
{
    metrics_count(METRICS_ROUND_TRIPS);
    if (mysql_stmt_execute(query->handle))
        return fail_statement(query, "execute");
    if (!bind_columns(query))
        return fail_statement(query, "bind result");
    if (!query->column_count)
        return true;
    query->db->open = query->handle;
    query->open = true;
    return streaming || !mysql_stmt_store_result(query->handle) || fail_result(query);
}

static bool run_once(struct query *query, struct database *db, const struct statement *statement,
                     struct error *error, const struct parameter *parameters, size_t count, bool streaming)
{
    MYSQL_BIND binds[QUERY_PARAMETERS];
    return query_prepare_with(query, db, statement, count, error) &&
           bind_parameters(query, parameters, count, binds) && query_execute_bound(query, streaming) &&
           database_keeps_transaction(db, statement, error);
}

/* What only reads, outside a transaction, is asked of the next node when its own is lost or left the cluster. Not
 * what locks: whether a lost COMMIT is there may be asked of another node only behind a fence (settlement.h). Not
 * for the tool, which holds locks by its connection. */
static bool may_ask_another(const struct database *db, const struct statement *statement,
                            const struct error *error)
{
    return !db->config->is_tool && db->in_cluster && !db->handle && !db->in_transaction &&
           error->code == ERROR_DATABASE_RETRY && !strncmp(statement->sql, "SELECT ", strlen("SELECT ")) &&
           !strstr(statement->sql, " LOCK IN SHARE MODE") && !strstr(statement->sql, " FOR UPDATE");
}

/* After a node that did not answer in its time one more is asked. */
static bool start(struct query *query, struct database *db, const struct statement *statement,
                  struct error *error, const struct parameter *parameters, size_t count, bool streaming)
{
    const int64_t begin = clock_monotonic_us();
    const int64_t most =
        (db->config->database_timeout + db->config->database_connect_timeout) * INT64_C(1000000);
    for (size_t more = db->hosts.count;; more--) {
        if (run_once(query, db, statement, error, parameters, count, streaming))
            return true;
        if (!more || clock_monotonic_us() - begin > most || !may_ask_another(db, statement, error))
            return false;
        error_clear(error);
    }
}

bool query_run_with(struct query *query, struct database *db, const struct statement *statement,
                    struct error *error, const struct parameter *parameters, size_t count)
{
    return start(query, db, statement, error, parameters, count, false);
}

bool query_stream_with(struct query *query, struct database *db, const struct statement *statement,
                       struct error *error, const struct parameter *parameters, size_t count)
{
    return start(query, db, statement, error, parameters, count, true);
}

enum commit_outcome query_commit_with(struct database *db, const struct statement *statement,
                                      uint64_t *number, struct error *error,
                                      const struct parameter *parameters, size_t count)
{
    struct query query;
    MYSQL_BIND binds[QUERY_PARAMETERS];
    if (!query_prepare_with(&query, db, statement, count, error) ||
        !bind_parameters(&query, parameters, count, binds)) {
        database_rollback(db);
        return COMMIT_FAILED;
    }
    db->in_transaction = true;
    database_note_commit(db);
    bool done = query_execute_bound(&query, false) && query_fetch(&query);
    if (done) {
        *number = query_uint64(&query, 0);
        int next;
        /* What is left of the compound statement's results; the last one says how it ended. */
        while ((next = mysql_stmt_next_result(query.handle)) == 0) {
        }
        done = next < 0 || fail_result(&query);
    }
    query_finish(&query);
    if (!done && db->handle) {
        database_rollback(db);
        return error->code == ERROR_DATABASE_RETRY ? COMMIT_FAILED : COMMIT_UNKNOWN;
    }
    db->in_transaction = false;
    return done ? COMMIT_DONE : COMMIT_UNKNOWN;
}

/* ---- Rows */

/* Neither read to its end nor freed by another run or with the connection. */
static bool is_open(const struct query *query)
{
    return query->open && query->run == query->db->runs && query->db->open == query->handle;
}

bool query_fetch(struct query *query)
{
    if (!query->open || query->error->code != ERROR_NONE) {
        query_finish(query);
        return false;
    }
    if (!is_open(query)) {
        query->open = false;
        error_set(query->error, ERROR_DATABASE, DATABASE_MESSAGE);
        return error_detail(query->error, "another statement ran between two rows of a result");
    }
    int outcome = mysql_stmt_fetch(query->handle);
    if (outcome == 0 || outcome == MYSQL_DATA_TRUNCATED)
        return true;
    if (outcome != MYSQL_NO_DATA)
        fail_statement(query, "fetch");
    query_finish(query);
    return false;
}

static bool fetch_column(struct query *query, unsigned column, MYSQL_BIND *bind)
{
    return is_open(query) && !query->nulls[column] &&
           !mysql_stmt_fetch_column(query->handle, bind, column, 0);
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

uint32_t query_uint32(struct query *query, unsigned column)
{
    return (uint32_t)query_uint64(query, column);
}

bool query_bool(struct query *query, unsigned column)
{
    return query_int64(query, column) != 0;
}

double query_double(struct query *query, unsigned column)
{
    double number = 0;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &number};
    return fetch_column(query, column, &bind) ? number : 0;
}

size_t query_length(const struct query *query, unsigned column)
{
    return query->nulls[column] ? 0 : query->lengths[column];
}

static bool holds_text(enum enum_field_types type)
{
    switch (type) {
    case MYSQL_TYPE_NULL: /* of a column that is NULL in every row */
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
    case MYSQL_TYPE_JSON:
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
        return true;
    default:
        return false;
    }
}

/* The length of other types is that of their binary form (8 for a BIGINT), not that of the text which they
 * would be converted to: read as text they would be cut. */
char *query_text(struct query *query, unsigned column, struct arena *arena)
{
    if (!is_open(query))
        return NULL;
    enum enum_field_types type = mariadb_stmt_fetch_fields(query->handle)[column].type;
    if (!holds_text(type)) {
        error_set(query->error, ERROR_DATABASE, DATABASE_MESSAGE);
        error_detail(query->error, "column %u is no text, but of type %d", column, (int)type);
        return NULL;
    }
    if (query->nulls[column])
        return NULL;
    unsigned long length = query->lengths[column];
    char *text = arena_alloc(arena, length + 1, 1);
    MYSQL_BIND bind = {
        .buffer_type = MYSQL_TYPE_STRING, .buffer = text, .buffer_length = length + 1, .length = &length};
    return fetch_column(query, column, &bind) ? text : NULL;
}

char *query_as_text(struct query *query, unsigned column, struct arena *arena)
{
    enum { LONGEST = 80 }; /* a number or a moment */
    if (!is_open(query) || query->nulls[column])
        return NULL;
    if (holds_text(mariadb_stmt_fetch_fields(query->handle)[column].type))
        return query_text(query, column, arena);
    unsigned long length = 0;
    char *text = arena_alloc(arena, LONGEST, 1);
    MYSQL_BIND bind = {
        .buffer_type = MYSQL_TYPE_STRING, .buffer = text, .buffer_length = LONGEST, .length = &length};
    if (fetch_column(query, column, &bind) && length < LONGEST)
        return text;
    error_set(query->error, ERROR_DATABASE, DATABASE_MESSAGE);
    error_detail(query->error, "column %u does not fit as text", column);
    return NULL;
}

void query_bytes(struct query *query, unsigned column, void *bytes, size_t size)
{
    unsigned long length = size;
    MYSQL_BIND bind = {
        .buffer_type = MYSQL_TYPE_BLOB, .buffer = bytes, .buffer_length = length, .length = &length};
    if (query_length(query, column) == size)
        fetch_column(query, column, &bind);
}

size_t query_row_count(const struct query *query)
{
    return (size_t)mysql_stmt_num_rows(query->handle);
}

uint64_t query_affected(const struct query *query)
{
    return mysql_stmt_affected_rows(query->handle);
}

uint64_t query_insert_id(const struct query *query)
{
    return mysql_stmt_insert_id(query->handle);
}

void query_finish(struct query *query)
{
    if (is_open(query))
        database_free_result(query->db);
    query->open = false;
}

MYSQL *database_handle(struct database *db)
{
    return db->handle;
}
