/* Storing events; see events_write.h. */
#include "storage/events_write.h"

#include "base/json_write.h"
#include "base/moment.h"
#include "base/text.h"
#include "storage/bulk.h"

#include <stdio.h>
#include <string.h>

enum { KEY_TEXT_SIZE = 2 * EVENT_KEY_BYTES + 1 };

static const char SQL_KNOWN[] =
    "SELECT j.position FROM JSON_TABLE(?, '$[*]' COLUMNS (position FOR ORDINALITY,"
    " item_id VARCHAR(128) CHARACTER SET utf8mb4 PATH '$')) j"
    " STRAIGHT_JOIN items i ON i.tenant_id = ? AND i.item_id = j.item_id COLLATE utf8mb4_nopad_bin"
    " WHERE NOT i.deleted";

/* The same for one item: five times cheaper than to make a table of it. */
static const char SQL_KNOWN_ONE[] = "SELECT 1 FROM items WHERE item_id = ? AND tenant_id = ? AND NOT deleted";

static const char SQL_STORE[] =
    "INSERT IGNORE INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at, deduplication,"
    " session_id, request_id, context_id, placement, factor, metadata,"
    " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " RETURNING event_id, deduplication";

static const char SQL_REPEATED[] =
    "SELECT j.position, e.event_id, FLOOR(UNIX_TIMESTAMP(e.received_at)), e.occurred_at"
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (position FOR ORDINALITY, dedup CHAR(32) PATH '$')) j"
    " STRAIGHT_JOIN events e FORCE INDEX (events_once) ON e.tenant_id = ? AND e.deduplication = "
    "UNHEX(j.dedup)"
    " WHERE e.tenant_id = ?";

static const char SQL_SETTLE[] =
    "SELECT event_id FROM events WHERE tenant_id = ? AND event_id = ? LOCK IN SHARE MODE";

bool events_find_items(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const char *const *item_ids, size_t item_count, bool *exist, struct error *error)
{
    struct query query;
    bool one = item_count == 1;
    memset(exist, 0, item_count * sizeof(*exist));
    if (!(one ? query_prepare(&query, db, STATEMENT_EVENTS_KNOWN_ONE, SQL_KNOWN_ONE, error)
              : query_prepare(&query, db, STATEMENT_EVENTS_KNOWN, SQL_KNOWN, error)))
        return false;
    query_bind_text(&query, one ? item_ids[0] : json_of_texts(arena, item_ids, item_count));
    query_bind_uint64(&query, tenant_id);
    bool done = query_execute(&query, error);
    while (done && query_fetch(&query, error)) {
        uint64_t position = query_uint64(&query, 0);
        if (position && position <= item_count)
            exist[position - 1] = true;
    }
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}

static bool add_row(struct bulk *bulk, uint32_t tenant_id, const struct new_event *event, const char *moment)
{
    bulk_add_int64(bulk, tenant_id);
    bulk_add_text(bulk, event->user_id);
    bulk_add_text(bulk, event->item_id);
    bulk_add_int64(bulk, event->type_id);
    bulk_add_int64(bulk, event->occurred_at);
    bulk_add_bytes(bulk, event->key, EVENT_KEY_BYTES);
    bulk_add_text(bulk, event->session_id);
    bulk_add_text(bulk, event->request_id);
    bulk_add_text(bulk, event->context_id);
    bulk_add_text(bulk, event->placement);
    bulk_add_text(bulk, event->factor);
    bulk_add_text(bulk, event->metadata);
    bulk_add_text(bulk, moment);
    return bulk_end_row(bulk);
}

static bool key_is(const struct new_event *event, struct query *query, struct arena *arena)
{
    const char *key = query_text(query, 1, arena);
    return key && query_length(query, 1) == EVENT_KEY_BYTES && !memcmp(event->key, key, EVENT_KEY_BYTES);
}

/* The rows that come back are those that were stored, in the order in which they were sent. */
static bool read_stored(struct query *query, struct arena *arena, struct new_event *events, size_t count,
                        size_t *stored, struct error *error)
{
    struct new_event *next = events, *end = events + count;
    bool all = mysql_stmt_num_rows(query->statement) == count;
    for (; query_fetch(query, error); next++) {
        while (!all && next < end && !key_is(next, query, arena))
            next++;
        if (next == end)
            break;
        next->id = query_uint64(query, 0);
        next->inserted = true;
        ++*stored;
    }
    return error->code == ERROR_NONE;
}

static bool store_rows(struct database *db, struct arena *arena, struct bulk *bulk, struct new_event *events,
                       size_t count, size_t *stored, struct error *error)
{
    struct query query;
    bool done = bulk_query(bulk, &query, db, STATEMENT_EVENTS_STORE, SQL_STORE, error) &&
                read_stored(&query, arena, events, count, stored, error);
    query_finish(&query);
    return done;
}

static char *list_keys(struct arena *arena, const struct new_event *events, size_t count)
{
    enum { ENTRY = KEY_TEXT_SIZE + 2 };
    char *text = arena_alloc(arena, count * ENTRY + 2, 1), *at = text;
    *at++ = '[';
    for (size_t i = 0; i < count; i++) {
        if (i)
            *at++ = ',';
        *at++ = '"';
        text_encode_hex(events[i].key, EVENT_KEY_BYTES, at);
        at += KEY_TEXT_SIZE - 1;
        *at++ = '"';
    }
    *at = ']';
    return text;
}

static bool read_repeated(struct query *query, struct new_event *events, size_t count, struct error *error)
{
    if (!query_execute(query, error))
        return false;
    while (query_fetch(query, error)) {
        uint64_t position = query_uint64(query, 0);
        if (!position || position > count || events[position - 1].inserted)
            continue;
        events[position - 1].id = query_uint64(query, 1);
        events[position - 1].received_at = query_int64(query, 2);
        events[position - 1].occurred_at = query_int64(query, 3);
    }
    return error->code == ERROR_NONE;
}

static bool find_repeated(struct database *db, struct arena *arena, uint32_t tenant_id,
                          struct new_event *events, size_t count, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENTS_REPEATED, SQL_REPEATED, error))
        return false;
    query_bind_text(&query, list_keys(arena, events, count));
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, tenant_id);
    bool done = read_repeated(&query, events, count, error);
    query_finish(&query);
    for (size_t i = 0; done && i < count; i++) {
        /* Gone between the two statements: somebody deletes events. A second try stores it. */
        if (!events[i].id)
            done = error_set(error, ERROR_DATABASE_RETRY, "The database could not do its part");
    }
    return done;
}

bool events_insert(struct database *db, struct arena *arena, uint32_t tenant_id, struct new_event *events,
                   size_t count, struct error *error)
{
    struct bulk *bulk = bulk_of_worker();
    size_t stored = 0, first = 0;
    char moment[MOMENT_SIZE];
    for (size_t i = 0; i < count; i++) {
        events[i].id = 0;
        events[i].inserted = false;
        if (!i)
            moment_write(events[i].received_at * 1000, MOMENT_SQL, moment);
        bool room = add_row(bulk, tenant_id, &events[i], moment);
        if (room && i + 1 < count)
            continue;
        if (!store_rows(db, arena, bulk, &events[first], i + 1 - first, &stored, error))
            return false;
        first = i + 1;
    }
    return stored == count || find_repeated(db, arena, tenant_id, events, count, error);
}

bool events_is_committed(struct database *db, uint32_t tenant_id, uint64_t event_id, bool *found,
                         struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENTS_SETTLE, SQL_SETTLE, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, event_id);
    bool done = query_execute(&query, error);
    *found = done && query_fetch(&query, error);
    query_finish(&query);
    return done && error->code == ERROR_NONE;
}
