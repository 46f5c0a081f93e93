/* Whether the shop knows a user; see known_users.h.
 *
 * Events of workers of the version before 0.2 do not say how their user was named. They took user_id alone, so
 * it is a known user, unless the log of requests has the id as a visitor's: then the shop's SDK called its
 * visitors users, as some did.
 *
 * Both indexes begin with the user and hold named_as, so that only entries of this user are read, and no row.
 * A known user is mostly found with the first entry; a visitor has all of his or hers read, which are few. */
#include "storage/known_users.h"

#include "storage/query.h"

static const struct statement FIND_KNOWN = {
    "SELECT EXISTS (SELECT 1 FROM events e FORCE INDEX (events_by_user)"
    " WHERE e.tenant_id = ? AND e.user_id = ? AND e.named_as = 'user')"
    " OR EXISTS (SELECT 1 FROM sequences s FORCE INDEX (sequences_by_user)"
    " WHERE s.tenant_id = ? AND s.user_id = ? AND s.entity_type = 'User' AND s.named_as = 'user')"
    " OR (EXISTS (SELECT 1 FROM events e FORCE INDEX (events_by_user)"
    " WHERE e.tenant_id = ? AND e.user_id = ? AND e.named_as IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM sequences s FORCE INDEX (sequences_by_user)"
    " WHERE s.tenant_id = ? AND s.user_id = ? AND s.entity_type = 'User' AND s.named_as = 'visitor'))"};

bool known_users_find(struct database *db, uint32_t tenant_id, const char *user_id, bool *known,
                      struct error *error)
{
    struct query query;
    *known = query_find(&query, db, &FIND_KNOWN, error, tenant_id, user_id, tenant_id, user_id, tenant_id,
                        user_id, tenant_id, user_id) &&
             query_bool(&query, 0);
    return error->code == ERROR_NONE;
}
