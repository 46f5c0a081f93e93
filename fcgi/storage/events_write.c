/* Storing events; see events_write.h.
 *
 * A list travels as few statements of up to a thousand rows. INSERT IGNORE passes over keys that are there,
 * and RETURNING says which rows were new; only when some were not does a second statement read what is stored
 * under their keys. So the usual list, all new, costs one trip. Whether a row that was there is the same event
 * is decided by what it is about (user, item, type), since a key that a caller chose may be used twice. Lists of ids or keys are one JSON text, which JSON_TABLE
 * makes a table of: one statement for any number of them. */
#include "storage/events_write.h"

#include "base/entity.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/moment.h"
#include "base/text.h"
#include "storage/bulk.h"
#include "storage/query.h"
#include "storage/settlement.h"

#include <stdio.h>
#include <string.h>

enum { KEY_TEXT_SIZE = 2 * EVENT_KEY_BYTES + 1 };

static const struct statement FIND_ITEMS = {
    "SELECT j.position FROM JSON_TABLE(?, '$[*]' COLUMNS (position FOR ORDINALITY,"
    " item_id VARCHAR(128) CHARACTER SET utf8mb4 PATH '$')) j"
    " STRAIGHT_JOIN items i ON i.tenant_id = ? AND i.item_id = j.item_id COLLATE utf8mb4_nopad_bin"
    " WHERE NOT i.deleted"};

/* The same for one item: five times cheaper than to make a table of it. */
static const struct statement FIND_ITEM = {
    "SELECT 1 FROM items WHERE item_id = ? AND tenant_id = ? AND NOT deleted"};

static const struct statement STORE_EVENTS = {
    "INSERT IGNORE INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at, deduplication,"
    " session_id, request_id, context_id, placement, factor, metadata, named_as,"
    " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " RETURNING event_id, deduplication"};

static const struct statement FIND_REPEATED = {
    "SELECT j.position, e.event_id, FLOOR(UNIX_TIMESTAMP(e.received_at)), e.occurred_at, e.user_id, "
    "e.item_id,"
    " e.event_type_id, e.session_id, e.request_id, e.context_id, e.placement, e.metadata"
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (position FOR ORDINALITY, dedup CHAR(32) PATH '$')) j"
    " STRAIGHT_JOIN events e FORCE INDEX (events_once) ON e.tenant_id = ? AND e.deduplication = "
    "UNHEX(j.dedup)"
    " WHERE e.tenant_id = ?"};

/* By its key, too. A number that was lost with its node is given again: a group that has put a node out counts
 * its numbers anew, and a server that was killed may have forgotten the last ones. Then another's event has it. */
static const struct statement FIND_EVENT = {
    "SELECT event_id FROM events WHERE tenant_id = ? AND event_id = ? AND deduplication = ?"
    " LOCK IN SHARE MODE"};

bool event_is_ahead(int64_t told, int64_t now)
{
    return told > now + LIMIT_CLOCK_AHEAD_MS;
}

int64_t event_moment(int64_t told, int64_t arrival)
{
    return event_is_ahead(told, arrival) ? arrival : told;
}

bool events_find_items(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const char *const *item_ids, size_t item_count, bool *exist, struct error *error)
{
    struct query query;
    const bool one = item_count == 1;
    const char *ids = one ? item_ids[0] : json_of_texts(arena, item_ids, item_count);
    memset(exist, 0, item_count * sizeof(*exist));
    bool more = query_run(&query, db, one ? &FIND_ITEM : &FIND_ITEMS, error, ids, tenant_id);
    while (more && query_fetch(&query)) {
        uint64_t position = query_uint64(&query, 0);
        if (position && position <= item_count)
            exist[position - 1] = true;
    }
    return error->code == ERROR_NONE;
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
    bulk_add_text(bulk, named_as(event->is_visitor));
    bulk_add_text(bulk, moment);
    return bulk_end_row(bulk);
}

/* The rows of RETURNING are those that were stored, in the order in which they were sent: where some are
 * missing the keys say which. */
static bool store_rows(struct database *db, struct bulk *bulk, struct new_event *events, size_t count,
                       size_t *stored, struct error *error)
{
    struct query query;
    struct new_event *next = events, *end = events + count;
    if (!bulk_query(bulk, &query, db, &STORE_EVENTS, error))
        return false;
    bool all = query_row_count(&query) == count;
    for (; query_fetch(&query); next++) {
        unsigned char key[EVENT_KEY_BYTES] = {0};
        if (!all)
            query_bytes(&query, 1, key, sizeof(key));
        while (!all && next < end && memcmp(next->key, key, sizeof(key)) != 0)
            next++;
        if (next == end)
            break;
        next->id = query_uint64(&query, 0);
        next->inserted = true;
        ++*stored;
    }
    return error->code == ERROR_NONE;
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

/* The key says that it is the same event. A caller's own key may be used again for something else, which must
 * not look as if it had been stored. */
static void read_repeated(struct query *query, struct arena *arena, struct new_event *event)
{
    const char *user_id = query_text(query, 4, arena), *item_id = query_text(query, 5, arena);
    event->id = query_uint64(query, 1);
    event->in_conflict = !user_id || strcmp(user_id, event->user_id) != 0 || !item_id ||
                         strcmp(item_id, event->item_id) != 0 || query_uint32(query, 6) != event->type_id;
    if (event->in_conflict)
        return;
    event->received_at = query_int64(query, 2);
    event->occurred_at = query_int64(query, 3);
    event->session_id = query_text(query, 7, arena);
    event->request_id = query_text(query, 8, arena);
    event->context_id = query_text(query, 9, arena);
    event->placement = query_text(query, 10, arena);
    event->metadata = query_text(query, 11, arena);
}

static bool find_repeated(struct database *db, struct arena *arena, uint32_t tenant_id,
                          struct new_event *events, size_t count, struct error *error)
{
    struct query query;
    size_t bytes = 0;
    if (!query_run(&query, db, &FIND_REPEATED, error, list_keys(arena, events, count), tenant_id, tenant_id))
        return false;
    while (query_fetch(&query)) {
        uint64_t position = query_uint64(&query, 0);
        if (!position || position > count || events[position - 1].inserted)
            continue;
        bytes += query_length(&query, 11);
        if (bytes > EVENT_REPEATED_BYTES)
            return error_set(error, ERROR_BATCH_SIZE,
                             "The events that were stored before have too much metadata for one answer: send "
                             "fewer of them");
        read_repeated(&query, arena, &events[position - 1]);
    }
    for (size_t i = 0; i < count; i++) {
        /* Gone between the two statements: somebody deletes events. A second try stores it. */
        if (!events[i].id)
            error_set(error, ERROR_DATABASE_RETRY, "The database could not do its part");
    }
    return error->code == ERROR_NONE;
}

static bool insert_rows(struct database *db, struct arena *arena, uint32_t tenant_id,
                        struct new_event *events, size_t count, struct error *error)
{
    struct bulk *bulk = bulk_of_worker();
    size_t stored = 0, first = 0;
    char moment[MOMENT_SIZE];
    for (size_t i = 0; i < count; i++) {
        events[i].id = 0;
        events[i].inserted = events[i].in_conflict = false;
        if (!i)
            moment_write(events[i].received_at * 1000, MOMENT_SQL, moment);
        bool room = add_row(bulk, tenant_id, &events[i], moment);
        if (room && i + 1 < count)
            continue;
        if (!store_rows(db, bulk, &events[first], i + 1 - first, &stored, error))
            return false;
        first = i + 1;
    }
    return stored == count || find_repeated(db, arena, tenant_id, events, count, error);
}

/* Owned events are copied for the second statement, so that a transaction that is run again finds them all. */
bool events_insert(struct database *db, struct arena *arena, uint32_t tenant_id, struct new_event *events,
                   size_t count, struct error *error)
{
    size_t own = 0, owned = 0;
    while (own < count && !events[own].owner)
        own++;
    if (own && !insert_rows(db, arena, tenant_id, events, own, error))
        return false;
    struct new_event *rows = arena_alloc(arena, count - own + 1, sizeof(*rows));
    for (size_t i = own; i < count; i++) {
        if (events[i].owner->inserted)
            rows[owned++] = events[i];
    }
    return !owned || insert_rows(db, arena, tenant_id, rows, owned, error);
}

bool events_is_committed(struct database *db, uint32_t tenant_id, const struct new_event *event, bool *found,
                         struct error *error)
{
    struct query query;
    *found =
        settlement_wait(db, tenant_id, error) &&
        query_find(&query, db, &FIND_EVENT, error, tenant_id, event->id, BYTES(event->key, EVENT_KEY_BYTES));
    return error->code == ERROR_NONE;
}

/* ---- For the tool */

static const struct statement IMPORT_EVENTS = {
    "INSERT IGNORE INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at, quantity,"
    " deduplication, named_as) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};

bool admin_event_add(struct bulk *bulk, uint32_t tenant_id, const struct admin_event *event)
{
    bulk_add_int64(bulk, tenant_id);
    bulk_add_text(bulk, event->user_id);
    bulk_add_text(bulk, event->item_id);
    bulk_add_int64(bulk, (int64_t)event->type_id);
    bulk_add_int64(bulk, event->occurred_at);
    bulk_add_int64(bulk, event->quantity);
    bulk_add_bytes(bulk, event->deduplication, EVENT_DEDUPLICATION_BYTES);
    bulk_add_text(bulk, named_as(false));
    return bulk_end_row(bulk);
}

bool admin_events_insert(struct database *db, struct bulk *bulk, uint64_t *inserted, struct error *error)
{
    return bulk_execute(bulk, db, &IMPORT_EVENTS, inserted, error);
}
