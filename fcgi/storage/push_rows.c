/* What another recommender receives; see push_rows.h.
 *
 * Each batch is one range of an index behind the position of the last, so a batch costs its rows, however
 * much has been sent before. The hints in the statements are there because the optimiser, which cannot know
 * that only a few of the rows are wanted, would read and sort the whole table instead. */
#include "storage/push_rows.h"

#include "storage/query.h"

#define PUSHED_COLUMNS "item_id, name, metadata, active, deleted, revision, created_at"
#define EVENT_TYPE                                                                                           \
    "STRAIGHT_JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id "

/* Two ranges of one index: the rest of the revision in which the last batch ended, and the revisions behind.
 */
static const struct statement READ_ITEMS = {
    "SELECT " PUSHED_COLUMNS " FROM items FORCE INDEX (items_by_revision)"
    " WHERE (tenant_id = ? AND revision = ? AND revision <= ? AND item_id > ?)"
    " OR (tenant_id = ? AND revision > ? AND revision <= ?) ORDER BY revision, item_id LIMIT ?"};

static const struct statement READ_EVENTS = {
    "SELECT e.event_id, e.user_id, e.item_id, t.name, t.weight, t.is_purchase, e.occurred_at, e.quantity"
    " FROM events e FORCE INDEX (PRIMARY) " EVENT_TYPE
    "WHERE e.tenant_id = ? AND e.event_id > ? AND e.event_id <= ? ORDER BY e.event_id LIMIT ?"
    " LOCK IN SHARE MODE"};

static const struct statement READ_USERS = {
    "SELECT DISTINCT e.user_id, COALESCE(n.name, '') FROM events e FORCE INDEX (PRIMARY)"
    " LEFT JOIN entity_embeddings n ON n.tenant_id = e.tenant_id AND n.entity_type = 'User'"
    " AND n.entity_id = e.user_id WHERE e.tenant_id = ? AND e.event_id > ? AND e.event_id <= ?"
    " AND NOT EXISTS (SELECT 1 FROM events o FORCE INDEX (events_by_user) WHERE o.tenant_id = e.tenant_id"
    " AND o.user_id = e.user_id AND o.event_id <= ?) ORDER BY e.user_id"};

/* Along the index of users: what else they did is beside it. */
static const struct statement STREAM_TOTALS = {
    "SELECT o.user_id, o.item_id, t.is_purchase, CAST(SUM(o.quantity) AS SIGNED), COUNT(*), "
    "MAX(o.occurred_at)"
    " FROM (SELECT DISTINCT user_id FROM events FORCE INDEX (PRIMARY)"
    " WHERE tenant_id = ? AND event_id > ? AND event_id <= ?) u"
    " STRAIGHT_JOIN events o FORCE INDEX (events_by_user) ON o.tenant_id = ? AND o.user_id = u.user_id"
    " AND o.event_id <= ?"
    " STRAIGHT_JOIN event_types t ON t.tenant_id = o.tenant_id AND t.event_type_id = o.event_type_id"
    " WHERE t.weight > 0 AND t.name <> 'impression' GROUP BY o.user_id, o.item_id, t.is_purchase"};

static const struct statement READ_FIRST_SALES = {
    "SELECT e.item_id, MIN(e.occurred_at) FROM events e FORCE INDEX (PRIMARY) " EVENT_TYPE
    "WHERE e.tenant_id = ? AND t.is_purchase GROUP BY e.item_id"};

static const struct statement FIND_NEWEST_EVENT = {
    "SELECT event_id, TIMESTAMPDIFF(MICROSECOND, received_at, NOW(6)) FROM events FORCE INDEX (PRIMARY)"
    " WHERE tenant_id = ? ORDER BY event_id DESC LIMIT 1"};

static const struct statement FIND_FIRST_ITEM = {
    "SELECT MIN(revision) FROM items WHERE tenant_id = ? AND updated_at >= ? DIV 1000"};

/* The first moment that a TIMESTAMP can have is the second 1: from 11.8 on nothing is said to be later than the
 * second 0. */
static const struct statement FIND_FIRST_EVENT = {
    "SELECT MIN(event_id) FROM events WHERE tenant_id = ?"
    " AND received_at >= FROM_UNIXTIME(GREATEST(?, 1000) / 1000)"};

static const struct statement COUNT_ITEMS = {
    "SELECT COUNT(*) FROM items WHERE tenant_id = ? AND (revision > ? OR (revision = ? AND item_id > ?))"};

static const struct statement COUNT_EVENTS = {
    "SELECT COUNT(*) FROM events FORCE INDEX (PRIMARY) WHERE tenant_id = ? AND event_id > ?"};

static const struct statement STREAM_ITEMS = {
    "SELECT " PUSHED_COLUMNS " FROM items WHERE tenant_id = ? AND NOT deleted ORDER BY item_id"};

/* Along the index of users: any other plan sorts millions. */
static const struct statement STREAM_EVENTS = {
    "SELECT e.event_id, e.user_id, e.item_id, t.name, t.weight, t.is_purchase, e.occurred_at, e.quantity,"
    " COALESCE(n.name, '') FROM events e FORCE INDEX (events_by_user) " EVENT_TYPE
    "LEFT JOIN entity_embeddings n ON n.tenant_id = e.tenant_id AND n.entity_type = 'User'"
    " AND n.entity_id = e.user_id WHERE e.tenant_id = ? ORDER BY e.user_id, e.occurred_at, e.event_id"};

/* Behind every id: the last character that there is. */
static const char greatest_id[] = "\xF4\x8F\xBF\xBF";

static struct push_item read_item(struct query *query, struct arena *arena)
{
    return (struct push_item){.id = query_text(query, 0, arena),
                              .name = query_text(query, 1, arena),
                              .metadata = query_text(query, 2, arena),
                              .active = query_bool(query, 3),
                              .deleted = query_bool(query, 4),
                              .revision = query_uint64(query, 5),
                              .created = query_int64(query, 6)};
}

static struct push_event read_event(struct query *query, struct arena *arena)
{
    return (struct push_event){.id = query_uint64(query, 0),
                               .user_id = query_text(query, 1, arena),
                               .item_id = query_text(query, 2, arena),
                               .type = query_text(query, 3, arena),
                               .weight = (int)query_int64(query, 4),
                               .is_purchase = query_bool(query, 5),
                               .occurred_at = query_int64(query, 6),
                               .quantity = query_int64(query, 7)};
}

bool push_items_read(struct database *db, struct arena *arena, uint32_t tenant_id,
                     const struct push_position *after, uint64_t last, size_t limit, struct push_item **items,
                     size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &READ_ITEMS, error, tenant_id, after->revision, last, after->item_id,
                   tenant_id, after->revision, last, limit))
        return false;
    *items = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**items));
    while (query_fetch(&query))
        (*items)[(*count)++] = read_item(&query, arena);
    return error->code == ERROR_NONE;
}

bool push_events_read(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t after,
                      uint64_t last, size_t limit, struct push_event **events, size_t *count,
                      struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &READ_EVENTS, error, tenant_id, after, last, limit))
        return false;
    *events = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**events));
    while (query_fetch(&query))
        (*events)[(*count)++] = read_event(&query, arena);
    return error->code == ERROR_NONE;
}

bool push_users_read(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t after,
                     uint64_t last, struct push_user **users, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &READ_USERS, error, tenant_id, after, last, after))
        return false;
    *users = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**users));
    while (query_fetch(&query))
        (*users)[(*count)++] =
            (struct push_user){.id = query_text(&query, 0, arena), .name = query_text(&query, 1, arena)};
    return error->code == ERROR_NONE;
}

bool push_totals_stream(struct database *db, struct arena *arena, uint32_t tenant_id, uint64_t after,
                        uint64_t last, push_total_each *each, void *context, struct error *error)
{
    struct query query;
    bool more = query_stream(&query, db, &STREAM_TOTALS, error, tenant_id, after, last, tenant_id, last);
    while (more && query_fetch(&query)) {
        const struct push_total total = {.user_id = query_text(&query, 0, arena),
                                         .item_id = query_text(&query, 1, arena),
                                         .is_purchase = query_bool(&query, 2),
                                         .pieces = query_int64(&query, 3),
                                         .events = query_int64(&query, 4),
                                         .latest = query_int64(&query, 5)};
        each(context, &total);
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool push_first_sales_read(struct database *db, struct arena *arena, uint32_t tenant_id,
                           struct push_first_sale **sales, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &READ_FIRST_SALES, error, tenant_id))
        return false;
    *sales = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**sales));
    while (query_fetch(&query))
        (*sales)[(*count)++] =
            (struct push_first_sale){.item_id = query_text(&query, 0, arena), .at = query_int64(&query, 1)};
    return error->code == ERROR_NONE;
}

bool push_events_newest(struct database *db, uint32_t tenant_id, uint64_t *id, int64_t *age_us,
                        struct error *error)
{
    struct query query;
    bool found = query_find(&query, db, &FIND_NEWEST_EVENT, error, tenant_id);
    *id = found ? query_uint64(&query, 0) : 0;
    *age_us = found ? query_int64(&query, 1) : INT64_MAX;
    return error->code == ERROR_NONE;
}

/* MIN() over no rows is NULL, which reads as 0. */
static bool find_first(struct database *db, const struct statement *statement, uint32_t tenant_id,
                       int64_t since, uint64_t *first, struct error *error)
{
    struct query query;
    *first = query_find(&query, db, statement, error, tenant_id, since) ? query_uint64(&query, 0) : 0;
    return error->code == ERROR_NONE;
}

bool push_position_since(struct database *db, uint32_t tenant_id, int64_t since, uint64_t revision,
                         struct push_position *position, struct error *error)
{
    uint64_t item, event, newest;
    int64_t age;
    if (!find_first(db, &FIND_FIRST_ITEM, tenant_id, since, &item, error) ||
        !find_first(db, &FIND_FIRST_EVENT, tenant_id, since, &event, error) ||
        !push_events_newest(db, tenant_id, &newest, &age, error))
        return false;
    position->revision = item ? item - 1 : revision;
    position->item_id = greatest_id;
    position->event_id = event ? event - 1 : newest;
    return true;
}

bool push_position_lag(struct database *db, uint32_t tenant_id, const struct push_position *position,
                       uint64_t *items, uint64_t *events, struct error *error)
{
    struct query query;
    if (!query_find(&query, db, &COUNT_ITEMS, error, tenant_id, position->revision, position->revision,
                    position->item_id))
        return false;
    *items = query_uint64(&query, 0);
    if (!query_find(&query, db, &COUNT_EVENTS, error, tenant_id, position->event_id))
        return false;
    *events = query_uint64(&query, 0);
    return true;
}

bool push_items_stream(struct database *db, struct arena *arena, uint32_t tenant_id, push_item_each *each,
                       void *context, struct error *error)
{
    struct query query;
    bool more = query_stream(&query, db, &STREAM_ITEMS, error, tenant_id);
    while (more && query_fetch(&query)) {
        struct push_item item = read_item(&query, arena);
        more = each(context, &item);
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}

bool push_events_stream(struct database *db, struct arena *arena, uint32_t tenant_id, push_event_each *each,
                        void *context, struct error *error)
{
    struct query query;
    bool more = query_stream(&query, db, &STREAM_EVENTS, error, tenant_id);
    while (more && query_fetch(&query)) {
        struct push_event event = read_event(&query, arena);
        more = each(context, &event, query_text(&query, 8, arena));
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
