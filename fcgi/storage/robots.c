/* Users that are no people, as the database has them; see robots.h.
 *
 * The newest events are cut off by their index before anything is joined or grouped, so that the table may be of any
 * length; who was busy before them has been named before. Each day of a user is a group. */
#include "storage/robots.h"

#include "base/robot.h"
#include "storage/query.h"

static const struct statement FIND_ROBOTS = {
    "SELECT user_id, MAX(events) FROM"
    " (SELECT user_id, SUM(hour_events) AS events, COUNT(*) AS hours, MAX(hour_events) AS most FROM"
    " (SELECT n.user_id, n.occurred_at DIV 3600000 AS hour, COUNT(*) AS hour_events"
    " FROM (SELECT user_id, event_type_id, occurred_at, factor FROM events FORCE INDEX (events_by_time)"
    " WHERE tenant_id = ? ORDER BY occurred_at DESC LIMIT ?) n"
    " JOIN event_types t ON t.tenant_id = ? AND t.event_type_id = n.event_type_id"
    " WHERE t.weight * COALESCE(n.factor, 1) >= ? GROUP BY n.user_id, n.occurred_at DIV 3600000) hours"
    " GROUP BY user_id, hour DIV 24 HAVING events > ? OR most > ? OR (events >= ? AND hours >= ?)) days"
    " GROUP BY user_id ORDER BY MAX(events) DESC, user_id LIMIT ?"};

bool admin_robots_read(struct database *db, struct arena *arena, uint32_t tenant_id,
                       struct robot robots[ROBOTS_SHOWN], size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &FIND_ROBOTS, error, tenant_id, ROBOTS_EVENTS, tenant_id, ROBOT_WEIGHT,
                   ROBOT_DAY_EVENTS, ROBOT_HOUR_EVENTS, ROBOT_ROUND_EVENTS, ROBOT_ROUND_HOURS, ROBOTS_SHOWN))
        return false;
    while (*count < ROBOTS_SHOWN && query_fetch(&query))
        robots[(*count)++] =
            (struct robot){.user_id = query_text(&query, 0, arena), .events = query_uint64(&query, 1)};
    return error->code == ERROR_NONE;
}
