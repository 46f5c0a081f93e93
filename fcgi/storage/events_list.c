/* Events as the API shows them; see events_list.h.
 *
 * Each way of looking up has a text of its own, in which the filter that narrows most is a plain equality
 * that its index can serve; the others are "? IS NULL OR ...". All texts take the filters in the same order,
 * user, request, session, item, type, so that one function binds them. The keys of all these indexes end with
 * the event's number, as every key of InnoDB ends with the primary one, so a page costs the rows that it
 * shows. Where a second filter is rare among the rows of the first, or a time lies far off, many rows are
 * looked at; the statement's time in the server bounds that (storage/connection.c). */
#include "storage/events_list.h"

#include "storage/query.h"

#define LISTED_COLUMNS                                                                                       \
    "SELECT e.event_id, e.user_id, e.item_id, COALESCE(t.name, CAST(e.event_type_id AS CHAR)), "             \
    "e.session_id,"                                                                                          \
    " e.request_id, e.context_id, e.placement, e.metadata, e.occurred_at,"                                   \
    " FLOOR(UNIX_TIMESTAMP(e.received_at)) "
#define TYPES                                                                                                \
    " LEFT JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id"            \
    " WHERE e.tenant_id = ? "
#define TIMES      " AND e.occurred_at >= ? AND e.occurred_at <= ? "
#define OR_USER    " AND (? IS NULL OR e.user_id = ?)"
#define OR_SESSION " AND (? IS NULL OR e.session_id = ?)"
#define OR_REQUEST " AND (? IS NULL OR e.request_id = ?)"
#define OR_ITEM    " AND (? IS NULL OR e.item_id = ?)"
#define OR_TYPE    " AND (? = 0 OR e.event_type_id = ?)"
#define UP         " AND e.event_id > ? ORDER BY e.event_id LIMIT ?"
#define DOWN       " AND e.event_id < ? ORDER BY e.event_id DESC LIMIT ?"

static const struct statement FIND_EVENT = {LISTED_COLUMNS "FROM events e" TYPES "AND e.event_id = ?"};

/* By one of them, or along all events. */
enum way { WAY_ALL, WAY_USER, WAY_REQUEST, WAY_SESSION, WAY_ITEM, WAY_TYPE, WAY__MAX };

#define FROM_ALL                                                                                             \
    LISTED_COLUMNS                                                                                           \
    "FROM events e FORCE INDEX (PRIMARY)" TYPES OR_USER OR_REQUEST OR_SESSION OR_ITEM OR_TYPE TIMES
#define FROM_USER                                                                                            \
    LISTED_COLUMNS "FROM events e FORCE INDEX (events_by_user)" TYPES                                        \
                   "AND e.user_id = ?" OR_REQUEST OR_SESSION OR_ITEM OR_TYPE TIMES
#define FROM_REQUEST                                                                                         \
    LISTED_COLUMNS "FROM events e FORCE INDEX (events_by_request)" TYPES OR_USER                             \
                   " AND e.request_id = ?" OR_SESSION OR_ITEM OR_TYPE TIMES
#define FROM_SESSION                                                                                         \
    LISTED_COLUMNS "FROM events e FORCE INDEX (events_by_session)" TYPES OR_USER OR_REQUEST                  \
                   " AND e.session_id = ?" OR_ITEM OR_TYPE TIMES
#define FROM_ITEM                                                                                            \
    LISTED_COLUMNS "FROM events e FORCE INDEX (events_by_item)" TYPES OR_USER OR_REQUEST OR_SESSION          \
                   " AND e.item_id = ?" OR_TYPE TIMES
#define FROM_TYPE                                                                                            \
    LISTED_COLUMNS "FROM events e FORCE INDEX (events_by_type)" TYPES OR_USER OR_REQUEST OR_SESSION OR_ITEM  \
                   " AND e.event_type_id = ?" TIMES

static const struct statement LIST_EVENTS[WAY__MAX][2] = {
    [WAY_ALL] = {{FROM_ALL UP}, {FROM_ALL DOWN}},
    [WAY_USER] = {{FROM_USER UP}, {FROM_USER DOWN}},
    [WAY_REQUEST] = {{FROM_REQUEST UP}, {FROM_REQUEST DOWN}},
    [WAY_SESSION] = {{FROM_SESSION UP}, {FROM_SESSION DOWN}},
    [WAY_ITEM] = {{FROM_ITEM UP}, {FROM_ITEM DOWN}},
    [WAY_TYPE] = {{FROM_TYPE UP}, {FROM_TYPE DOWN}}};

static enum way choose_way(const struct event_filters *filters)
{
    if (filters->request_id)
        return WAY_REQUEST;
    if (filters->session_id)
        return WAY_SESSION;
    if (filters->user_id)
        return WAY_USER;
    if (filters->item_id)
        return WAY_ITEM;
    return filters->type_id ? WAY_TYPE : WAY_ALL;
}

static struct listed_event read_row(struct query *query, struct arena *arena)
{
    return (struct listed_event){.id = query_uint64(query, 0),
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
    *found = query_find(&query, db, &FIND_EVENT, error, tenant_id, event_id);
    if (*found)
        *event = read_row(&query, arena);
    return error->code == ERROR_NONE;
}

/* One mark where the text has a plain equality, else two. */
static size_t add_filter(struct parameter *parameters, const char *value, bool plain)
{
    parameters[0] = parameters[1] = bind_text(value);
    return plain ? 1 : 2;
}

bool events_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                 const struct event_filters *filters, size_t limit, struct listed_event **events,
                 size_t *count, struct error *error)
{
    const enum way way = choose_way(filters);
    struct query query;
    struct parameter parameters[QUERY_PARAMETERS] = {bind_unsigned(tenant_id)};
    size_t used = 1;
    used += add_filter(&parameters[used], filters->user_id, way == WAY_USER);
    used += add_filter(&parameters[used], filters->request_id, way == WAY_REQUEST);
    used += add_filter(&parameters[used], filters->session_id, way == WAY_SESSION);
    used += add_filter(&parameters[used], filters->item_id, way == WAY_ITEM);
    parameters[used++] = bind_unsigned(filters->type_id);
    if (way != WAY_TYPE)
        parameters[used++] = bind_unsigned(filters->type_id);
    parameters[used++] = bind_signed(filters->occurred_from);
    parameters[used++] = bind_signed(filters->occurred_to);
    parameters[used++] = bind_unsigned(filters->beyond);
    parameters[used++] = bind_unsigned(limit);
    *events = arena_alloc(arena, limit ? limit : 1, sizeof(**events));
    *count = 0;
    bool more = query_run_with(&query, db, &LIST_EVENTS[way][filters->descending], error, parameters, used);
    while (more && *count < limit && query_fetch(&query))
        (*events)[(*count)++] = read_row(&query, arena);
    return error->code == ERROR_NONE;
}
