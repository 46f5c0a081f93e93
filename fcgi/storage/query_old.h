/* For files that are being rewritten: the calls of before, made of those of
 * query.h. */
#ifndef PALATE_STORAGE_QUERY_OLD_H
#define PALATE_STORAGE_QUERY_OLD_H

#include "storage/query.h"

enum statement_id {
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
};

/* One statement at a time is bound. */
static struct parameter old_parameters[QUERY_PARAMETERS];
/* Likewise. */
static size_t old_count;
static const struct statement *old_statement;

#define query_prepare(query, db, id, text, error) old_prepare(query, db, text, error)

static inline bool old_prepare(struct query *query, struct database *db, const char *sql, struct error *error)
{
    /* One for each text of the file, for ever. */
    static struct statement statements[64];
    size_t i = 0;
    while (statements[i].sql && statements[i].sql != sql)
        i++;
    statements[i].sql = sql;
    old_statement = &statements[i];
    old_count = 0;
    *query = (struct query){.db = db};
    return query_can_prepare(db, old_statement, error);
}

#define query_bind_int64(query, value)        ((void)(query), old_bind(bind_signed(value)))
#define query_bind_uint64(query, value)       ((void)(query), old_bind(bind_unsigned(value)))
#define query_bind_text(query, value)         ((void)(query), old_bind(bind_text(value)))
#define query_bind_bytes(query, value, bytes) ((void)(query), old_bind(BYTES(value, bytes)))
#define query_execute(query, error)                                                                          \
    query_run_with(query, (query)->db, old_statement, error, old_parameters, old_count)
#define query_execute_streaming(query, error)                                                                \
    query_stream_with(query, (query)->db, old_statement, error, old_parameters, old_count)
#define query_fetch(query, error) ((void)(error), (query_fetch)(query))
#undef query_commit
#define query_commit(query, number, error)                                                                   \
    query_commit_with((query)->db, old_statement, number, error, old_parameters, old_count)

static inline void old_bind(struct parameter parameter)
{
    old_parameters[old_count++] = parameter;
}

#endif
