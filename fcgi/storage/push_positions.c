/* Rows of push_positions; see push_positions.h.
 *
 * Two runs of `palate push` to one place must not both move it: each move names the number of moves that the
 * run has read, and changes nothing when another has come first. */
#include "storage/push_positions.h"

#include "storage/query.h"

static const struct statement READ_POSITION = {
    "SELECT catalogue_revision, item_id, event_id, moves, DATE_FORMAT(CONVERT_TZ(completed_at,"
    " @@session.time_zone, '+00:00'), '%Y-%m-%d %H:%i:%s'), TIMESTAMPDIFF(SECOND, completed_at, NOW(6))"
    " FROM push_positions WHERE tenant_id = ? AND url = ?"};

static const struct statement MAKE_POSITION = {
    "INSERT IGNORE INTO push_positions (tenant_id, url) VALUES (?, ?)"};

static const struct statement MOVE_POSITION = {
    "UPDATE push_positions SET catalogue_revision = ?, item_id = ?, event_id = ?, moves = moves + 1,"
    " moved_at = NOW(6) WHERE tenant_id = ? AND url = ? AND moves = ?"};

static const struct statement COMPLETE_POSITION = {
    "INSERT INTO push_positions (tenant_id, url, completed_at) VALUES (?, ?, NOW(6))"
    " ON DUPLICATE KEY UPDATE completed_at = NOW(6)"};

static const struct statement FIND_ELSEWHERE = {
    "SELECT 1 FROM push_positions WHERE tenant_id = ? AND url <> ? AND moves > 0 LIMIT 1"};

bool push_position_read(struct database *db, struct arena *arena, uint32_t tenant_id, const char *url,
                        struct push_position *position, struct error *error)
{
    struct query query;
    *position = (struct push_position){.item_id = ""};
    if (query_find(&query, db, &READ_POSITION, error, tenant_id, url))
        *position = (struct push_position){.found = true,
                                           .revision = query_uint64(&query, 0),
                                           .item_id = query_text(&query, 1, arena),
                                           .event_id = query_uint64(&query, 2),
                                           .moves = query_uint64(&query, 3),
                                           .complete = query_text(&query, 4, arena),
                                           .age = query_int64(&query, 5)};
    return error->code == ERROR_NONE;
}

bool push_position_move(struct database *db, uint32_t tenant_id, const char *url,
                        struct push_position *position, bool *moved, struct error *error)
{
    struct query query;
    *moved = false;
    if (!position->found && !database_execute(db, &MAKE_POSITION, error, tenant_id, url))
        return false;
    if (!query_run(&query, db, &MOVE_POSITION, error, position->revision, position->item_id,
                   position->event_id, tenant_id, url, position->moves))
        return false;
    *moved = query_affected(&query) == 1;
    position->found = position->found || *moved;
    position->moves += *moved;
    return true;
}

bool push_position_complete(struct database *db, uint32_t tenant_id, const char *url, struct error *error)
{
    return database_execute(db, &COMPLETE_POSITION, error, tenant_id, url);
}

bool push_position_elsewhere(struct database *db, uint32_t tenant_id, const char *url, bool *elsewhere,
                             struct error *error)
{
    struct query query;
    *elsewhere = query_find(&query, db, &FIND_ELSEWHERE, error, tenant_id, url);
    return error->code == ERROR_NONE;
}
