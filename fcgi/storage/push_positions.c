/* Rows of push_positions; see push_positions.h. */
#include "storage/push_positions.h"

static const char sql_read[] =
    "SELECT catalogue_revision, item_id, event_id, moves, DATE_FORMAT(CONVERT_TZ(completed_at, "
    "@@session.time_zone, '+00:00'), '%Y-%m-%d %H:%i:%s'), TIMESTAMPDIFF(SECOND, completed_at, NOW(6)) "
    "FROM push_positions WHERE tenant_id = ? AND url = ?";
static const char sql_make[] = "INSERT IGNORE INTO push_positions (tenant_id, url) VALUES (?, ?)";
static const char sql_move[] =
    "UPDATE push_positions SET catalogue_revision = ?, item_id = ?, event_id = ?, moves = moves + 1, "
    "moved_at = NOW(6) WHERE tenant_id = ? AND url = ? AND moves = ?";
static const char sql_complete[] =
    "INSERT INTO push_positions (tenant_id, url, completed_at) VALUES (?, ?, NOW(6)) "
    "ON DUPLICATE KEY UPDATE completed_at = NOW(6)";

bool push_position_read(struct database *db, struct arena *arena, uint64_t tenant_id, const char *url,
                        struct push_position *position, struct error *error)
{
    struct query query;
    *position = (struct push_position){.item_id = ""};
    if (!query_prepare(&query, db, STATEMENT_PUSH_POSITION_READ, sql_read, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, url);
    if (query_execute(&query, error) && query_fetch(&query, error))
        *position = (struct push_position){.found = true,
                                           .revision = query_uint64(&query, 0),
                                           .item_id = query_text(&query, 1, arena),
                                           .event_id = query_uint64(&query, 2),
                                           .moves = query_uint64(&query, 3),
                                           .complete = query_text(&query, 4, arena),
                                           .age = query_int64(&query, 5)};
    query_finish(&query);
    return error->code == ERROR_NONE;
}

static bool run_named(struct database *db, enum statement_id id, const char *sql, uint64_t tenant_id,
                      const char *url, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, id, sql, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, url);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

bool push_position_move(struct database *db, uint64_t tenant_id, const char *url,
                        struct push_position *position, bool *moved, struct error *error)
{
    struct query query;
    *moved = false;
    if (!position->found && !run_named(db, STATEMENT_PUSH_POSITION_MAKE, sql_make, tenant_id, url, error))
        return false;
    if (!query_prepare(&query, db, STATEMENT_PUSH_POSITION_MOVE, sql_move, error))
        return false;
    query_bind_uint64(&query, position->revision);
    query_bind_text(&query, position->item_id);
    query_bind_uint64(&query, position->event_id);
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, url);
    query_bind_uint64(&query, position->moves);
    bool done = query_execute(&query, error);
    *moved = done && query_affected(&query) == 1;
    query_finish(&query);
    position->found = position->found || *moved;
    position->moves += *moved;
    return done;
}

bool push_position_complete(struct database *db, uint64_t tenant_id, const char *url, struct error *error)
{
    return run_named(db, STATEMENT_PUSH_POSITION_COMPLETE, sql_complete, tenant_id, url, error);
}
