/* Events as the API shows them; see events_list.h. */
#include "storage/events_list.h"

#define COLUMNS                                                                                              \
    "SELECT e.event_id, e.user_id, e.item_id, COALESCE(t.name, CAST(e.event_type_id AS CHAR)), "             \
    "e.session_id,"                                                                                          \
    " e.request_id, e.context_id, e.placement, e.metadata, e.occurred_at,"                                   \
    " FLOOR(UNIX_TIMESTAMP(e.received_at)) "
#define TYPES                                                                                                \
    " LEFT JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id"            \
    " WHERE e.tenant_id = ? "
#define FILTERS                                                                                              \
    " AND (? IS NULL OR e.item_id = ?) AND (? = 0 OR e.event_type_id = ?)"                                   \
    " AND e.occurred_at >= ? AND e.occurred_at <= ? "
#define OR_USER    " AND (? IS NULL OR e.user_id = ?)"
#define OR_SESSION " AND (? IS NULL OR e.session_id = ?)"
#define OR_REQUEST " AND (? IS NULL OR e.request_id = ?)"
#define UP         " AND e.event_id > ? ORDER BY e.event_id LIMIT ?"
#define DOWN       " AND e.event_id < ? ORDER BY e.event_id DESC LIMIT ?"

static const char SQL_FIND[] = COLUMNS "FROM events e" TYPES "AND e.event_id = ?";

/* Each way of looking up has its own text, in which its filter is a plain equality. They take the filters in
 * the order user, request, session, so that bind_filters() serves all. */
static const char SQL_LIST[] =
    COLUMNS "FROM events e FORCE INDEX (PRIMARY)" TYPES OR_USER OR_REQUEST OR_SESSION FILTERS UP;
static const char SQL_LIST_DOWN[] =
    COLUMNS "FROM events e FORCE INDEX (PRIMARY)" TYPES OR_USER OR_REQUEST OR_SESSION FILTERS DOWN;
static const char SQL_USER[] = COLUMNS "FROM events e FORCE INDEX (events_by_user)" TYPES
                                       "AND e.user_id = ?" OR_REQUEST OR_SESSION FILTERS UP;
static const char SQL_USER_DOWN[] = COLUMNS "FROM events e FORCE INDEX (events_by_user)" TYPES
                                            "AND e.user_id = ?" OR_REQUEST OR_SESSION FILTERS DOWN;
static const char SQL_REQUEST[] = COLUMNS "FROM events e FORCE INDEX (events_by_request)" TYPES OR_USER
                                          " AND e.request_id = ?" OR_SESSION FILTERS UP;
static const char SQL_REQUEST_DOWN[] = COLUMNS "FROM events e FORCE INDEX (events_by_request)" TYPES OR_USER
                                               " AND e.request_id = ?" OR_SESSION FILTERS DOWN;
static const char SQL_SESSION[] =
    COLUMNS "FROM events e FORCE INDEX (events_by_session)" TYPES OR_USER OR_REQUEST
            " AND e.session_id = ?" FILTERS UP;
static const char SQL_SESSION_DOWN[] =
    COLUMNS "FROM events e FORCE INDEX (events_by_session)" TYPES OR_USER OR_REQUEST
            " AND e.session_id = ?" FILTERS DOWN;

enum way { WAY_ALL, WAY_USER, WAY_REQUEST, WAY_SESSION };

static enum way choose_way(const struct event_filters *filters)
{
    if (filters->request_id)
        return WAY_REQUEST;
    if (filters->session_id)
        return WAY_SESSION;
    return filters->user_id ? WAY_USER : WAY_ALL;
}

static bool prepare(struct query *query, struct database *db, enum way way, bool down, struct error *error)
{
    switch (way) {
    case WAY_USER:
        return down ? query_prepare(query, db, STATEMENT_EVENTS_LIST_USER_DOWN, SQL_USER_DOWN, error)
                    : query_prepare(query, db, STATEMENT_EVENTS_LIST_USER, SQL_USER, error);
    case WAY_REQUEST:
        return down ? query_prepare(query, db, STATEMENT_EVENTS_LIST_REQUEST_DOWN, SQL_REQUEST_DOWN, error)
                    : query_prepare(query, db, STATEMENT_EVENTS_LIST_REQUEST, SQL_REQUEST, error);
    case WAY_SESSION:
        return down ? query_prepare(query, db, STATEMENT_EVENTS_LIST_SESSION_DOWN, SQL_SESSION_DOWN, error)
                    : query_prepare(query, db, STATEMENT_EVENTS_LIST_SESSION, SQL_SESSION, error);
    case WAY_ALL:
        break;
    }
    return down ? query_prepare(query, db, STATEMENT_EVENTS_LIST_DOWN, SQL_LIST_DOWN, error)
                : query_prepare(query, db, STATEMENT_EVENTS_LIST, SQL_LIST, error);
}

/* One marker where the text has a plain equality, else two. */
static void bind_filter(struct query *query, const char *value, bool plain)
{
    query_bind_text(query, value);
    if (!plain)
        query_bind_text(query, value);
}

static void bind_filters(struct query *query, enum way way, const struct event_filters *filters)
{
    bind_filter(query, filters->user_id, way == WAY_USER);
    bind_filter(query, filters->request_id, way == WAY_REQUEST);
    bind_filter(query, filters->session_id, way == WAY_SESSION);
    bind_filter(query, filters->item_id, false);
    query_bind_uint64(query, filters->type_id);
    query_bind_uint64(query, filters->type_id);
    query_bind_int64(query, filters->occurred_from);
    query_bind_int64(query, filters->occurred_to);
    query_bind_uint64(query, filters->beyond);
}

static void read_row(struct query *query, struct arena *arena, struct listed_event *event)
{
    *event = (struct listed_event){.id = query_uint64(query, 0),
                                   .user_id = query_text(query, 1, arena),
                                   .item_id = query_text(query, 2, arena),
                                   .type = query_text(query, 3, arena),
                                   .session_id = query_text(query, 4, arena),
                                   .request_id = query_text(query, 5, arena),
                                   .context_id = query_text(query, 6, arena),
                                   .placement = query_text(query, 7, arena),
                                   .metadata = query_text(query, 8, arena),
                                   .occurred_at = query_int64(query, 9),
                                   .received_at = query_int64(query, 10)};
}

bool events_find(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t event_id,
                 struct listed_event *event, bool *found, struct error *error)
{
    struct query query;
    *found = false;
    if (!query_prepare(&query, db, STATEMENT_EVENTS_FIND, SQL_FIND, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, event_id);
    bool done = query_execute(&query, error);
    *found = done && query_fetch(&query, error);
    if (*found)
        read_row(&query, arena, event);
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}

bool events_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                 const struct event_filters *filters, size_t limit, struct listed_event **events,
                 size_t *count, struct error *error)
{
    struct query query;
    enum way way = choose_way(filters);
    *events = arena_alloc(arena, limit ? limit : 1, sizeof(**events));
    *count = 0;
    if (!prepare(&query, db, way, filters->descending, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bind_filters(&query, way, filters);
    query_bind_uint64(&query, limit);
    bool done = query_execute(&query, error);
    while (done && *count < limit && query_fetch(&query, error))
        read_row(&query, arena, &(*events)[(*count)++]);
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}
