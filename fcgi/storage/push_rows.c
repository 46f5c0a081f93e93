/* What another recommender is told; see push_rows.h. */
#include "storage/push_rows.h"

#include "storage/admin/rows.h"

#define ITEM_COLUMNS "item_id, name, metadata, active, deleted, revision, created_at"
#define EVENT_TYPE                                                                                           \
    "STRAIGHT_JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id "

static const char sql_items[] =
    "SELECT " ITEM_COLUMNS " FROM items FORCE INDEX (items_by_revision) "
    "WHERE (tenant_id = ? AND revision = ? AND revision <= ? AND item_id > ?) "
    "OR (tenant_id = ? AND revision > ? AND revision <= ?) ORDER BY revision, item_id LIMIT ?";
static const char sql_events[] =
    "SELECT e.event_id, e.user_id, e.item_id, t.name, t.weight, t.is_purchase, e.occurred_at "
    "FROM events e FORCE INDEX (PRIMARY) " EVENT_TYPE
    "WHERE e.tenant_id = ? AND e.event_id > ? AND e.event_id <= ? ORDER BY e.event_id LIMIT ? "
    "LOCK IN SHARE MODE";
static const char sql_users[] =
    "SELECT DISTINCT e.user_id, COALESCE(n.name, '') FROM events e FORCE INDEX (PRIMARY) "
    "LEFT JOIN entity_embeddings n ON n.tenant_id = e.tenant_id AND n.entity_type = 'User' "
    "AND n.entity_id = e.user_id WHERE e.tenant_id = ? AND e.event_id > ? AND e.event_id <= ? "
    "AND NOT EXISTS (SELECT 1 FROM events o FORCE INDEX (events_by_user) WHERE o.tenant_id = e.tenant_id "
    "AND o.user_id = e.user_id AND o.event_id <= ?) ORDER BY e.user_id";
static const char sql_newest[] =
    "SELECT event_id, TIMESTAMPDIFF(MICROSECOND, received_at, NOW(6)) FROM events FORCE INDEX (PRIMARY) "
    "WHERE tenant_id = ? ORDER BY event_id DESC LIMIT 1";
static const char sql_first_item[] =
    "SELECT MIN(revision) FROM items WHERE tenant_id = ? AND updated_at >= ? DIV 1000";
static const char sql_first_event[] =
    "SELECT MIN(event_id) FROM events WHERE tenant_id = ? AND received_at >= FROM_UNIXTIME(? / 1000)";
static const char sql_items_lag[] =
    "SELECT COUNT(*) FROM items WHERE tenant_id = ? AND (revision > ? OR (revision = ? AND item_id > ?))";
static const char sql_events_lag[] =
    "SELECT COUNT(*) FROM events FORCE INDEX (PRIMARY) WHERE tenant_id = ? AND event_id > ?";
static const char sql_items_all[] =
    "SELECT " ITEM_COLUMNS " FROM items WHERE tenant_id = ? AND NOT deleted ORDER BY item_id";
/* Along the index of users: any other plan sorts millions. */
static const char sql_events_all[] =
    "SELECT e.event_id, e.user_id, e.item_id, t.name, t.weight, t.is_purchase, e.occurred_at, "
    "COALESCE(n.name, '') FROM events e FORCE INDEX (events_by_user) " EVENT_TYPE
    "LEFT JOIN entity_embeddings n ON n.tenant_id = e.tenant_id AND n.entity_type = 'User' "
    "AND n.entity_id = e.user_id WHERE e.tenant_id = ? ORDER BY e.user_id, e.occurred_at, e.event_id";

/* Behind every id: the last character that there is. */
static const char greatest_id[] = "\xF4\x8F\xBF\xBF";

static struct push_item item_of(struct query *query, struct arena *arena)
{
    return (struct push_item){.id = query_text(query, 0, arena),
                              .name = query_text(query, 1, arena),
                              .metadata = query_text(query, 2, arena),
                              .active = query_int64(query, 3) != 0,
                              .deleted = query_int64(query, 4) != 0,
                              .revision = query_uint64(query, 5),
                              .created = query_int64(query, 6)};
}

static struct push_event event_of(struct query *query, struct arena *arena)
{
    return (struct push_event){.id = query_uint64(query, 0),
                               .user_id = query_text(query, 1, arena),
                               .item_id = query_text(query, 2, arena),
                               .type = query_text(query, 3, arena),
                               .weight = (int)query_int64(query, 4),
                               .is_purchase = query_int64(query, 5) != 0,
                               .occurred_at = query_int64(query, 6)};
}

bool push_items_read(struct database *db, struct arena *arena, uint64_t tenant_id,
                     const struct push_position *after, uint64_t last, size_t limit, struct push_item **items,
                     size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_PUSH_ITEMS, sql_items, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, after->revision);
    query_bind_uint64(&query, last);
    query_bind_text(&query, after->item_id);
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, after->revision);
    query_bind_uint64(&query, last);
    query_bind_uint64(&query, limit);
    if (query_execute(&query, error)) {
        *items = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**items));
        while (query_fetch(&query, error))
            (*items)[(*count)++] = item_of(&query, arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool push_events_read(struct database *db, struct arena *arena, uint64_t tenant_id, uint64_t after,
                      uint64_t last, size_t limit, struct push_event **events, size_t *count,
                      struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_PUSH_EVENTS, sql_events, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, after);
    query_bind_uint64(&query, last);
    query_bind_uint64(&query, limit);
    if (query_execute(&query, error)) {
        *events = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**events));
        while (query_fetch(&query, error))
            (*events)[(*count)++] = event_of(&query, arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool push_users_read(struct database *db, struct arena *arena, uint64_t tenant_id, uint64_t after,
                     uint64_t last, struct push_user **users, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_prepare(&query, db, STATEMENT_PUSH_USERS, sql_users, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, after);
    query_bind_uint64(&query, last);
    query_bind_uint64(&query, after);
    if (query_execute(&query, error)) {
        *users = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**users));
        while (query_fetch(&query, error))
            (*users)[(*count)++] =
                (struct push_user){.id = query_text(&query, 0, arena), .name = query_text(&query, 1, arena)};
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool push_events_newest(struct database *db, uint64_t tenant_id, uint64_t *id, int64_t *age_us,
                        struct error *error)
{
    struct query query;
    *id = 0;
    *age_us = INT64_MAX;
    if (!query_prepare(&query, db, STATEMENT_PUSH_EVENTS_NEWEST, sql_newest, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (query_execute(&query, error) && query_fetch(&query, error)) {
        *id = query_uint64(&query, 0);
        *age_us = query_int64(&query, 1);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

/* The one number of a query on a tenant with another number or two and a text; NULL of SQL reads as 0. */
static bool read_number(struct query *query, uint64_t *number, struct error *error)
{
    *number = 0;
    if (query_execute(query, error) && query_fetch(query, error))
        *number = query_uint64(query, 0);
    query_finish(query);
    return error->code == ERROR_NONE;
}

bool push_position_since(struct database *db, uint64_t tenant_id, int64_t since, uint64_t revision,
                         struct push_position *position, struct error *error)
{
    struct query query;
    uint64_t first, newest;
    int64_t age;
    if (!query_prepare(&query, db, STATEMENT_PUSH_FIRST_ITEM, sql_first_item, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_int64(&query, since);
    if (!read_number(&query, &first, error))
        return false;
    position->revision = first ? first - 1 : revision;
    position->item_id = greatest_id;
    if (!query_prepare(&query, db, STATEMENT_PUSH_FIRST_EVENT, sql_first_event, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_int64(&query, since);
    if (!read_number(&query, &first, error) || !push_events_newest(db, tenant_id, &newest, &age, error))
        return false;
    position->event_id = first ? first - 1 : newest;
    return true;
}

bool push_position_lag(struct database *db, uint64_t tenant_id, const struct push_position *position,
                       uint64_t *items, uint64_t *events, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_PUSH_ITEMS_LAG, sql_items_lag, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, position->revision);
    query_bind_uint64(&query, position->revision);
    query_bind_text(&query, position->item_id);
    if (!read_number(&query, items, error) ||
        !query_prepare(&query, db, STATEMENT_PUSH_EVENTS_LAG, sql_events_lag, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, position->event_id);
    return read_number(&query, events, error);
}

bool push_items_stream(struct database *db, struct arena *arena, uint64_t tenant_id, push_item_each *each,
                       void *context, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_PUSH_ITEMS_ALL, sql_items_all, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bool go_on = query_execute_streaming(&query, error);
    while (go_on && query_fetch(&query, error)) {
        struct push_item item = item_of(&query, arena);
        go_on = each(context, &item);
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool push_events_stream(struct database *db, struct arena *arena, uint64_t tenant_id, push_event_each *each,
                        void *context, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_PUSH_EVENTS_ALL, sql_events_all, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    bool go_on = query_execute_streaming(&query, error);
    while (go_on && query_fetch(&query, error)) {
        struct push_event event = event_of(&query, arena);
        go_on = each(context, &event, query_text(&query, 7, arena));
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
