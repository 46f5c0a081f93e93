/* Prepared statements: what the files of this folder run, and how they read what comes back.
 *
 * A statement stands beside the function that uses it, and its address is its name: each connection prepares
 * it when it is first run, and finds the handle again by that address. So it must be static and const.
 *
 *     static const struct statement FIND_CLIENT = {"SELECT id, name FROM clients WHERE client_id = ?"};
 *
 *     struct query query;
 *     if (query_find(&query, db, &FIND_CLIENT, error, client_id))
 *         *client = (struct client){.id = query_uint64(&query, 0), .name = query_text(&query, 1, arena)};
 *     return error->code == ERROR_NONE;
 *
 * Parameters are listed behind the error, one for each mark, and go by their C type: integers as they are, a
 * char pointer as text (NULL: SQL's NULL), BYTES(pointer, length). Another number of parameters than the
 * statement has marks is an error; lint counts them, too.
 *
 * A result needs no ending. It is freed when its last row has been passed, when something in it fails, or
 * when the connection runs its next statement, whatever comes first: so no statement may run between two rows
 * of another (query_fetch() then fails). A failure while reading is kept in the error that the query was
 * started with, which must live as long as it is read: check it behind the last row. */
#ifndef PALATE_STORAGE_QUERY_H
#define PALATE_STORAGE_QUERY_H

#include "storage/database.h"

#include <mysql.h>

enum { QUERY_PARAMETERS = 20, QUERY_COLUMNS = 16 };

/* One parameter. Texts and bytes must stay valid until the statement has run. */
struct parameter {
    enum parameter_kind { PARAMETER_SIGNED, PARAMETER_UNSIGNED, PARAMETER_TEXT, PARAMETER_BYTES } kind;
    int64_t number;
    const void *bytes; /* NULL: SQL's NULL */
    size_t length;
};

/* Fields are private but for the readers below. */
struct query {
    struct database *db;
    struct error *error;
    MYSQL_STMT *handle;
    uint64_t run; /* of db->runs */
    unsigned column_count;
    unsigned long lengths[QUERY_COLUMNS];
    my_bool nulls[QUERY_COLUMNS];
    bool open; /* rows may follow */
};

/* Runs a statement and reads its whole result, if it has one, into the client's memory. */
#define query_run(query, db, statement, error, ...)                                                          \
    query_run_with(query, db, statement, error, PARAMETERS(__VA_ARGS__))

/* The same, and steps to the first row. False where there is none, and on failure. */
#define query_find(query, db, statement, error, ...)                                                         \
    (query_run(query, db, statement, error, __VA_ARGS__) && query_fetch(query))

/* The same as query_run(), but rows stay on the server until they are fetched: for millions of rows, and only
 * for the tool. Who stops before the last row calls query_finish(). */
#define query_stream(query, db, statement, error, ...)                                                       \
    query_stream_with(query, db, statement, error, PARAMETERS(__VA_ARGS__))

/* Runs a statement of which nothing is read. */
#define database_execute(db, statement, error, ...)                                                          \
    query_run(&(struct query){0}, db, statement, error, __VA_ARGS__)

/* Runs a compound statement that commits and then selects one number, which is set on COMMIT_DONE; it may
 * also begin the transaction. An error other than a deadlock or a lock time-out may have come behind the
 * COMMIT (KILL QUERY), so that the outcome is unknown. Nothing of the transaction is left open. */
#define query_commit(db, statement, number, error, ...)                                                      \
    query_commit_with(db, statement, number, error, PARAMETERS(__VA_ARGS__))

/* What these stand for; also for parameters of which there are now more, now less. */
bool query_run_with(struct query *query, struct database *db, const struct statement *statement,
                    struct error *error, const struct parameter *parameters, size_t count)
    __attribute__((nonnull(1, 2, 3, 4), warn_unused_result));
bool query_stream_with(struct query *query, struct database *db, const struct statement *statement,
                       struct error *error, const struct parameter *parameters, size_t count)
    __attribute__((nonnull(1, 2, 3, 4), warn_unused_result));
enum commit_outcome query_commit_with(struct database *db, const struct statement *statement,
                                      uint64_t *number, struct error *error,
                                      const struct parameter *parameters, size_t count)
    __attribute__((nonnull(1, 2, 3, 4), warn_unused_result));

/* Whether the connected user may run a statement: it is prepared, which checks the rights, and not run. */
bool query_can_prepare(struct database *db, const struct statement *statement, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The steps of query_run_with(), for bulk.c, which binds parameters in another way: prepares the statement,
 * which must have so many marks, and runs what is bound. */
bool query_prepare_with(struct query *query, struct database *db, const struct statement *statement,
                        size_t parameters, struct error *error) __attribute__((nonnull, warn_unused_result));
bool query_execute_bound(struct query *query, bool streaming) __attribute__((nonnull, warn_unused_result));

/* Steps to the next row. False at the end and on failure, which the query's error then holds. */
bool query_fetch(struct query *query) __attribute__((nonnull));

/* Values of the current row, column numbers from 0. NULL reads as 0, NULL text as NULL. */
int64_t query_int64(struct query *query, unsigned column) __attribute__((nonnull));
uint64_t query_uint64(struct query *query, unsigned column) __attribute__((nonnull));
uint32_t query_uint32(struct query *query, unsigned column) __attribute__((nonnull));
bool query_bool(struct query *query, unsigned column) __attribute__((nonnull));
double query_double(struct query *query, unsigned column) __attribute__((nonnull));

/* Text or bytes. The column must hold such: a number or a moment, of which MariaDB would write as much as
 * fits, is refused, so that none can be read cut. NULL then, and the query's error is set. */
char *query_text(struct query *query, unsigned column, struct arena *arena) __attribute__((nonnull));

/* The same, of a column of any type, numbers and moments in full, as MariaDB writes them. For exports. */
char *query_as_text(struct query *query, unsigned column, struct arena *arena) __attribute__((nonnull));

/* Fills bytes where the column holds exactly that many, and leaves it alone otherwise. */
void query_bytes(struct query *query, unsigned column, void *bytes, size_t size) __attribute__((nonnull));

/* Length of the text or bytes in a column; 0 for NULL. */
size_t query_length(const struct query *query, unsigned column) __attribute__((nonnull));

/* Rows of a result that was read whole (not streamed). */
size_t query_row_count(const struct query *query) __attribute__((nonnull));

/* Rows changed, and the AUTO_INCREMENT value made: right after a successful run. */
uint64_t query_affected(const struct query *query) __attribute__((nonnull));
uint64_t query_insert_id(const struct query *query) __attribute__((nonnull));

/* Frees the result before its end. */
void query_finish(struct query *query) __attribute__((nonnull));

/* MariaDB's own handle of the connection, NULL when not connected. For tests. */
MYSQL *database_handle(struct database *db) __attribute__((nonnull));

/* ---- How a list of values becomes an array of parameters */

static inline struct parameter bind_signed(int64_t number)
{
    return (struct parameter){.kind = PARAMETER_SIGNED, .number = number};
}

static inline struct parameter bind_unsigned(uint64_t number)
{
    return (struct parameter){.kind = PARAMETER_UNSIGNED, .number = (int64_t)number};
}

static inline struct parameter bind_text(const char *text)
{
    return (struct parameter){
        .kind = PARAMETER_TEXT, .bytes = text, .length = text ? __builtin_strlen(text) : 0};
}

static inline struct parameter bind_itself(struct parameter parameter)
{
    return parameter;
}

#define BYTES(pointer, size)                                                                                 \
    ((struct parameter){.kind = PARAMETER_BYTES, .bytes = (pointer), .length = (size)})

#define PARAMETER(value)                                                                                     \
    _Generic((value), bool                                                                                   \
             : bind_signed, int                                                                         \
             : bind_signed, long                                                                        \
             : bind_signed, long long                                                                   \
             : bind_signed, unsigned                                                                    \
             : bind_unsigned, unsigned long                                                             \
             : bind_unsigned, unsigned long long                                                        \
             : bind_unsigned, char *                                                                    \
             : bind_text, const char *                                                                  \
             : bind_text, struct parameter                                                              \
             : bind_itself)(value)

/* The array and its length. The preprocessor has no loops: each scan of a text replaces the next step in it,
 * and 40 scans are enough for QUERY_PARAMETERS. cppcheck cannot read that; compilers check what is bound. */
#ifdef __cppcheck__
#define PARAMETERS(...) NULL, 0
#else
#define PARAMETERS(...)                                                                                      \
    (const struct parameter[]){__VA_OPT__(PARAMETERS_SCAN(PARAMETERS_STEP(__VA_ARGS__)))},                   \
        sizeof((const struct parameter[]){__VA_OPT__(PARAMETERS_SCAN(PARAMETERS_STEP(__VA_ARGS__)))}) /      \
            sizeof(struct parameter)
#define PARAMETERS_STEP(first, ...)                                                                          \
    PARAMETER(first) __VA_OPT__(, PARAMETERS_AGAIN PARAMETERS_NONE(__VA_ARGS__))
#define PARAMETERS_AGAIN()    PARAMETERS_STEP
#define PARAMETERS_NONE       ()
#define PARAMETERS_SCAN(...)  PARAMETERS_SCAN3(PARAMETERS_SCAN3(PARAMETERS_SCAN3(__VA_ARGS__)))
#define PARAMETERS_SCAN3(...) PARAMETERS_SCAN2(PARAMETERS_SCAN2(PARAMETERS_SCAN2(__VA_ARGS__)))
#define PARAMETERS_SCAN2(...) PARAMETERS_SCAN1(PARAMETERS_SCAN1(PARAMETERS_SCAN1(__VA_ARGS__)))
#define PARAMETERS_SCAN1(...) __VA_ARGS__
#endif

#endif
