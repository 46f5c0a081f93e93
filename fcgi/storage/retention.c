/* Removing what is old; see retention.h.
 *
 * The problem: months of two logs, hundreds of gigabytes maybe, are to go while workers append to the same
 * tables. One DELETE would hold a lock on each of its rows until its end, fill the undo log with all of them,
 * and be lost as a whole when it is interrupted.
 *
 * The idea: a window moves along an index by time. A step looks up where the window ends, so many rows after
 * its beginning, without a lock; then it deletes what lies in it, in one short transaction, and the next window
 * begins behind it. Beginning behind matters: rows that are deleted stay in the index as marked until MariaDB
 * purges them, and a search that began at the oldest one each time would wade through all of them. Where the
 * window stands is kept by the caller, and need not be: a new run begins at the oldest row there is.
 *
 * Why nobody waits: at READ COMMITTED a DELETE locks the rows that it deletes and no gaps between them, and
 * nobody writes to these rows any more. Workers insert at the other end of the indexes, and what they read,
 * they read without locks.
 *
 * Times: a window of requests or rows of users is whole microseconds since 1970, so the next one begins one
 * later. Events have milliseconds, and an import without times gives all of its events the same one: there a
 * window is pairs of time and number.
 *
 * Cost: about 20 microseconds for a request with its answer, most of it in MariaDB's indexes. What is bought
 * is looked at again in each run, by the index. */
#include "storage/retention.h"

#include "base/clock.h"
#include "storage/query.h"
#include "storage/ranked_lists.h"

#include <string.h>

enum { DAY_SECONDS = 86400, FEW_ROWS = 100 };

#define CREATED_US "CAST(UNIX_TIMESTAMP(created_at) * 1000000 AS INTEGER)"
#define UPDATED_US "CAST(UNIX_TIMESTAMP(updated_at) * 1000000 AS INTEGER)"
#define MOMENT     "FROM_UNIXTIME(? * 0.000001)"

static const struct statement FIND_REQUEST = {
    "SELECT " CREATED_US " FROM sequences FORCE INDEX (sequences_by_time)"
    " WHERE tenant_id = ? AND created_at >= " MOMENT " AND created_at <= " MOMENT
    " ORDER BY created_at LIMIT 1 OFFSET ?"};

static const struct statement DELETE_SHADOWS = {
    "DELETE h FROM sequences s FORCE INDEX (sequences_by_time)"
    " STRAIGHT_JOIN decisions d FORCE INDEX (decisions_by_sequence) ON d.tenant_id = s.tenant_id"
    " AND d.sequence_id = s.sequence_id STRAIGHT_JOIN shadow_decisions h ON h.tenant_id = d.tenant_id"
    " AND h.decision_id = d.decision_id WHERE s.tenant_id = ? AND s.created_at >= " MOMENT
    " AND s.created_at <= " MOMENT};

static const struct statement DELETE_ANSWERS = {
    "DELETE d FROM sequences s FORCE INDEX (sequences_by_time)"
    " STRAIGHT_JOIN decisions d FORCE INDEX (decisions_by_sequence) ON d.tenant_id = s.tenant_id"
    " AND d.sequence_id = s.sequence_id WHERE s.tenant_id = ? AND s.created_at >= " MOMENT
    " AND s.created_at <= " MOMENT};

static const struct statement DELETE_REQUESTS = {"DELETE s FROM sequences s FORCE INDEX (sequences_by_time) "
                                                 "WHERE s.tenant_id = ? AND s.created_at >= " MOMENT
                                                 " AND s.created_at <= " MOMENT};

/* Events of one moment are told apart by their numbers, which each index of InnoDB has at its end. Written so,
 * both bounds are ranges of the index. */
#define EVENTS_IN_WINDOW                                                                                     \
    " WHERE tenant_id = ? AND (occurred_at > ? OR (occurred_at = ? AND event_id > ?))"                       \
    " AND (occurred_at < ? OR (occurred_at = ? AND event_id <= ?))"

static const struct statement FIND_EVENT = {
    "SELECT occurred_at, event_id FROM events FORCE INDEX (events_by_time)" EVENTS_IN_WINDOW
    " ORDER BY occurred_at, event_id LIMIT 1 OFFSET ?"};

static const struct statement DELETE_EVENTS = {
    "DELETE events FROM events FORCE INDEX (events_by_time)" EVENTS_IN_WINDOW " AND event_type_id NOT IN"
    " (SELECT event_type_id FROM event_types WHERE tenant_id = ? AND is_purchase)"};

static const struct statement STRIP_PURCHASES = {
    "UPDATE events FORCE INDEX (events_by_time) SET session_id = NULL, request_id = NULL, context_id = NULL,"
    " placement = NULL, metadata = NULL" EVENTS_IN_WINDOW " AND event_type_id IN"
    " (SELECT event_type_id FROM event_types WHERE tenant_id = ? AND is_purchase)"
    " AND COALESCE(session_id, request_id, context_id, placement, metadata) IS NOT NULL"};

static const struct statement FIND_USER = {
    "SELECT " UPDATED_US " FROM entity_embeddings FORCE INDEX (entity_embeddings_by_time)"
    " WHERE tenant_id = ? AND updated_at >= " MOMENT " AND updated_at <= " MOMENT
    " ORDER BY updated_at LIMIT 1 OFFSET ?"};

static const struct statement DELETE_USERS = {
    "DELETE e FROM entity_embeddings e FORCE INDEX (entity_embeddings_by_time) WHERE e.tenant_id = ?"
    " AND e.updated_at >= " MOMENT " AND e.updated_at <= " MOMENT " AND e.name = '' AND e.description = ''"};

/* What a cut would take, without taking it: tenant, then the moment in the unit of the table's column. */
#define OLD_REQUESTS " FROM sequences s FORCE INDEX (sequences_by_time)"
#define OF_REQUESTS                                                                                          \
    " STRAIGHT_JOIN decisions d FORCE INDEX (decisions_by_sequence) ON d.tenant_id = s.tenant_id"            \
    " AND d.sequence_id = s.sequence_id"
#define BEFORE " WHERE s.tenant_id = ? AND s.created_at < FROM_UNIXTIME(?)"
#define OLD_EVENTS                                                                                           \
    "SELECT COUNT(*) FROM events e FORCE INDEX (events_by_time) JOIN event_types t"                          \
    " ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id"                                    \
    " WHERE e.tenant_id = ? AND e.occurred_at < ? * 1000"

static const struct {
    enum retention_part part;
    const char *table;
    struct statement statement;
    bool is_change;
} COUNTS[] = {
    {RETENTION_LOGS, "sequences", {"SELECT COUNT(*)" OLD_REQUESTS BEFORE}, false},
    {RETENTION_LOGS, "decisions", {"SELECT COUNT(*)" OLD_REQUESTS OF_REQUESTS BEFORE}, false},
    {RETENTION_LOGS,
     "shadow_decisions",
     {"SELECT COUNT(*)" OLD_REQUESTS OF_REQUESTS " STRAIGHT_JOIN shadow_decisions h"
      " ON h.tenant_id = d.tenant_id AND h.decision_id = d.decision_id" BEFORE},
     false},
    {RETENTION_EVENTS, "events", {OLD_EVENTS " AND NOT t.is_purchase"}, false},
    {RETENTION_EVENTS,
     "events",
     {OLD_EVENTS " AND t.is_purchase AND COALESCE(e.session_id, e.request_id, e.context_id, e.placement,"
                 " e.metadata) IS NOT NULL"},
     true},
    {RETENTION_LISTS,
     "ranked_lists",
     {"SELECT COUNT(*) FROM ranked_lists WHERE tenant_id = ? AND expires_at <= ?"},
     false},
    {RETENTION_USERS,
     "entity_embeddings",
     {"SELECT COUNT(*) FROM entity_embeddings FORCE INDEX (entity_embeddings_by_time) WHERE tenant_id = ?"
      " AND updated_at < FROM_UNIXTIME(?) AND name = '' AND description = ''"},
     false},
};

static const struct statement COUNT_REQUESTS = {
    "SELECT COUNT(*) FROM sequences FORCE INDEX (sequences_by_time)"
    " WHERE tenant_id = ? AND created_at >= FROM_UNIXTIME(?)"};

static const struct statement COUNT_EVENTS = {"SELECT COUNT(*) FROM events FORCE INDEX (events_by_time)"
                                              " WHERE tenant_id = ? AND occurred_at >= ?"};

static const struct statement FIND_OLDEST = {
    "SELECT CAST(UNIX_TIMESTAMP(created_at) AS INTEGER) FROM sequences FORCE INDEX (sequences_by_time)"
    " WHERE tenant_id = ? ORDER BY created_at LIMIT 1"};

static const struct statement READ_SIZES = {
    "SELECT table_name, table_rows, data_length + index_length FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"};

const char *retention_part_name(enum retention_part part)
{
    static const char *const names[RETENTION_PART__MAX] = {[RETENTION_LOGS] = "logs",
                                                           [RETENTION_EVENTS] = "events",
                                                           [RETENTION_LISTS] = "lists",
                                                           [RETENTION_USERS] = "users"};
    return names[part];
}

/* ---- One step */

/* From behind the cut's position to here, in the units of the part's index. */
struct window {
    int64_t last;
    uint64_t last_id; /* events only */
    bool is_final;    /* nothing older than `before` lies behind it */
};

/* Where the window ends: at the last of so many rows, else at the last moment before `before`. */
static bool find_window(struct database *db, const struct statement *statement,
                        const struct retention_cut *cut, unsigned rows, struct window *window,
                        struct error *error)
{
    struct query query;
    *window = (struct window){.last = cut->before * 1000000 - 1, .is_final = true};
    const struct parameter parameters[] = {bind_unsigned(cut->tenant_id), bind_signed(cut->position),
                                           bind_signed(window->last), bind_unsigned(rows - 1)};
    if (query_run_with(&query, db, statement, error, parameters, 4) && query_fetch(&query)) {
        window->last = query_int64(&query, 0);
        window->is_final = false;
    }
    return error->code == ERROR_NONE;
}

/* Runs a statement on the window; its number of rows, 0 on failure. */
static uint64_t cut_window(struct database *db, const struct statement *statement,
                           const struct retention_cut *cut, const struct window *window, struct error *error)
{
    struct query query;
    const struct parameter parameters[] = {bind_unsigned(cut->tenant_id), bind_signed(cut->position),
                                           bind_signed(window->last)};
    return query_run_with(&query, db, statement, error, parameters, 3) ? query_affected(&query) : 0;
}

static bool find_events(struct database *db, const struct retention_cut *cut, unsigned rows,
                        struct window *window, struct error *error)
{
    struct query query;
    *window = (struct window){.last = cut->before * 1000 - 1, .last_id = INT64_MAX, .is_final = true};
    if (query_find(&query, db, &FIND_EVENT, error, cut->tenant_id, cut->position, cut->position,
                   cut->position_id, window->last, window->last, window->last_id, rows - 1)) {
        window->last = query_int64(&query, 0);
        window->last_id = query_uint64(&query, 1);
        window->is_final = false;
    }
    return error->code == ERROR_NONE;
}

/* Ends a step that began at this moment (monotonic). */
static bool commit(struct database *db, struct retention_cut *cut, int64_t started_us, struct error *error)
{
    cut->work_us = clock_monotonic_us() - started_us;
    bool done = error->code == ERROR_NONE && database_commit(db, error) == COMMIT_DONE;
    if (!done)
        database_rollback(db);
    return done;
}

/* Moves behind a window whose rows are gone: to the next microsecond. */
static void pass_window(struct retention_cut *cut, const struct window *window)
{
    cut->position = window->last + 1;
    cut->is_done = window->is_final;
}

static bool step_logs(struct database *db, struct retention_cut *cut, unsigned rows, struct error *error)
{
    static const struct statement *const statements[] = {&DELETE_SHADOWS, &DELETE_ANSWERS, &DELETE_REQUESTS};
    struct window window;
    uint64_t requests = 0;
    if (!find_window(db, &FIND_REQUEST, cut, rows, &window, error) || !database_begin(db, error))
        return false;
    int64_t started_us = clock_monotonic_us();
    for (size_t i = 0; i < 3 && error->code == ERROR_NONE; i++)
        requests = cut_window(db, statements[i], cut, &window, error);
    if (!commit(db, cut, started_us, error))
        return false;
    cut->removed += requests;
    pass_window(cut, &window);
    return true;
}

static bool step_events(struct database *db, struct retention_cut *cut, unsigned rows, struct error *error)
{
    struct window window;
    struct query query;
    if (!find_events(db, cut, rows, &window, error) || !database_begin(db, error))
        return false;
    int64_t started_us = clock_monotonic_us();
    uint64_t deleted = 0;
    if (query_run(&query, db, &DELETE_EVENTS, error, cut->tenant_id, cut->position, cut->position,
                  cut->position_id, window.last, window.last, window.last_id, cut->tenant_id))
        deleted = query_affected(&query);
    if (error->code == ERROR_NONE &&
        !query_run(&query, db, &STRIP_PURCHASES, error, cut->tenant_id, cut->position, cut->position,
                   cut->position_id, window.last, window.last, window.last_id, cut->tenant_id))
        deleted = 0; /* the transaction is rolled back */
    if (!commit(db, cut, started_us, error))
        return false;
    cut->removed += deleted;
    cut->position = window.last;
    cut->position_id = window.last_id;
    cut->is_done = window.is_final;
    return true;
}

static bool step_users(struct database *db, struct retention_cut *cut, unsigned rows, struct error *error)
{
    struct window window;
    if (!find_window(db, &FIND_USER, cut, rows, &window, error) || !database_begin(db, error))
        return false;
    int64_t started_us = clock_monotonic_us();
    uint64_t deleted = cut_window(db, &DELETE_USERS, cut, &window, error);
    if (!commit(db, cut, started_us, error))
        return false;
    cut->removed += deleted;
    pass_window(cut, &window);
    return true;
}

static bool step_lists(struct database *db, struct retention_cut *cut, unsigned rows, struct error *error)
{
    uint64_t deleted = 0;
    if (!database_begin(db, error))
        return false;
    int64_t started_us = clock_monotonic_us();
    if (!ranked_lists_delete_expired(db, cut->tenant_id, cut->before, rows, &deleted, error))
        deleted = 0;
    if (!commit(db, cut, started_us, error))
        return false;
    cut->removed += deleted;
    cut->is_done = deleted < rows;
    return true;
}

bool admin_retention_step(struct database *db, struct retention_cut *cut, unsigned rows, struct error *error)
{
    static bool (*const steps[RETENTION_PART__MAX])(struct database *, struct retention_cut *, unsigned,
                                                    struct error *) = {[RETENTION_LOGS] = step_logs,
                                                                       [RETENTION_EVENTS] = step_events,
                                                                       [RETENTION_LISTS] = step_lists,
                                                                       [RETENTION_USERS] = step_users};
    return steps[cut->part](db, cut, rows, error);
}

bool admin_retention_count(struct database *db, uint32_t tenant_id, enum retention_part part, int64_t before,
                           struct retention_count counts[RETENTION_TABLES_MOST], size_t *count,
                           struct error *error)
{
    struct query query;
    *count = 0;
    for (size_t i = 0; i < sizeof(COUNTS) / sizeof(COUNTS[0]) && error->code == ERROR_NONE; i++) {
        if (COUNTS[i].part != part)
            continue;
        if (query_find(&query, db, &COUNTS[i].statement, error, tenant_id, before))
            counts[(*count)++] =
                (struct retention_count){COUNTS[i].table, query_uint64(&query, 0), COUNTS[i].is_change};
    }
    return error->code == ERROR_NONE;
}

/* ---- Growth */

bool admin_growth_read(struct database *db, uint32_t tenant_id, int64_t now, struct tenant_growth *growth,
                       struct error *error)
{
    struct query query;
    const int64_t since = now - DAY_SECONDS;
    *growth = (struct tenant_growth){0};
    if (query_find(&query, db, &COUNT_REQUESTS, error, tenant_id, since))
        growth->requests = query_uint64(&query, 0);
    if (error->code == ERROR_NONE && query_find(&query, db, &COUNT_EVENTS, error, tenant_id, since * 1000))
        growth->events = query_uint64(&query, 0);
    if (error->code == ERROR_NONE && query_find(&query, db, &FIND_OLDEST, error, tenant_id))
        growth->oldest_request = query_int64(&query, 0);
    return error->code == ERROR_NONE;
}

/* An empty table takes some pages all the same. */
static double bytes_of_row(uint64_t rows, uint64_t bytes)
{
    return rows < FEW_ROWS ? 0 : (double)bytes / (double)rows;
}

bool admin_size_read(struct database *db, struct database_size *size, struct error *error)
{
    struct query query;
    struct arena *arena = arena_create();
    *size = (struct database_size){0};
    bool more = query_run(&query, db, &READ_SIZES, error);
    while (more && query_fetch(&query)) {
        const char *name = query_text(&query, 0, arena);
        uint64_t rows = query_uint64(&query, 1), bytes = query_uint64(&query, 2);
        size->bytes += bytes;
        if (!name)
            break;
        if (!strcmp(name, "events"))
            size->event_bytes = bytes_of_row(rows, bytes);
        else if (!strcmp(name, "sequences") || !strcmp(name, "decisions"))
            size->request_bytes += bytes_of_row(rows, bytes);
    }
    arena_destroy(arena);
    return error->code == ERROR_NONE;
}
