/* Events as they are read live, for one user, and whole, for training; see events.h.
 *
 * The weight of an event is that of its type times its own factor. Live, the type's part comes from memory
 * (event_types.h), because to join the types to each user's events would cost a fifth of the reading;
 * training reads each event once and joins. */
#include "storage/events.h"

#include "base/limits.h"
#include "base/text.h"
#include "storage/event_types.h"
#include "storage/query.h"

#include <string.h>

enum { FIRST_VIEWED = 64 };

static const size_t windows_room = 2 * (size_t)LIMIT_RECENT_EVENTS + EVENTS_PURCHASES;

/* The index is named so that the newest events are read off its end and a long history costs nothing: left
 * to itself the optimiser prefers other plans for tenants with few rows. It holds all columns that are read,
 * so nothing is sorted or looked up in the table. */
static const struct statement READ_RECENT = {
    "SELECT " EVENT_COLUMNS " FROM events e FORCE INDEX (events_by_user)"
    " WHERE e.tenant_id = ? AND e.user_id = ? ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?"};

/* The time of the oldest event in the window. */
static const struct statement FIND_WINDOW = {
    "SELECT occurred_at FROM events FORCE INDEX (events_by_user) WHERE tenant_id = ? AND user_id = ?"
    " ORDER BY occurred_at DESC, event_id DESC LIMIT 1 OFFSET ?"};

/* Of one kind, by the numbers of its types ("1,5"): a walk along the index up to as many, or to the window's end, so
 * that the longest history costs no more. */
#define NEWEST_OF_KIND                                                                                       \
    "(SELECT " EVENT_COLUMNS ", e.event_id FROM events e FORCE INDEX (events_by_user) WHERE e.tenant_id = ?" \
    " AND e.user_id = ? AND e.occurred_at >= ? AND FIND_IN_SET(e.event_type_id, ?)"                          \
    " ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT ?)"

static const struct statement READ_WINDOWS = {NEWEST_OF_KIND " UNION ALL " NEWEST_OF_KIND
                                                             " UNION ALL " NEWEST_OF_KIND
                                                             " ORDER BY occurred_at DESC, event_id DESC"};

static const struct statement READ_VIEWED = {
    "SELECT item_id FROM events FORCE INDEX (events_by_user)"
    " WHERE tenant_id = ? AND user_id = ? AND occurred_at >= ? AND item_id <> ''"
    " AND NOT FIND_IN_SET(event_type_id, ?) GROUP BY item_id ORDER BY MAX(occurred_at) DESC LIMIT ?"};

/* The events in the order of the primary key, each with its type looked up: any other plan sorts millions. */
static const struct statement STREAM_EVENTS = {
    "SELECT e.user_id, e.item_id, LEAST(100, GREATEST(-100, t.weight * COALESCE(e.factor, 1))),"
    " e.occurred_at FROM events e FORCE INDEX (PRIMARY)"
    " STRAIGHT_JOIN event_types t ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id"
    " WHERE e.tenant_id = ? ORDER BY e.event_id"};

void events_read_row(struct query *query, unsigned column, struct arena *arena, struct event_row *row)
{
    row->item_id = query_text(query, column, arena);
    row->occurred_at = query_int64(query, column + 1);
    row->type_id = query_uint32(query, column + 2);
    row->weight = query_length(query, column + 3) ? query_double(query, column + 3) : 1;
}

/* All purchases of the window were read, since none of them is to be recommended again; the newest steer. */
static void set_old_purchases_apart(struct arena *arena, struct recent_events *recent)
{
    size_t kept = 0, purchases = 0;
    recent->bought_items = arena_alloc(arena, recent->count + 1, sizeof(*recent->bought_items));
    for (size_t i = 0; i < recent->count; i++) {
        if (recent->rows[i].is_purchase && ++purchases > LIMIT_RECENT_EVENTS)
            recent->bought_items[recent->bought_count++] = recent->rows[i].item_id;
        else
            recent->rows[kept++] = recent->rows[i];
    }
    recent->count = kept;
}

/* When the window with the newest `count` events begins; all time where there are fewer. */
static bool find_window(struct database *db, const struct tenant *tenant, const char *user_id, int count,
                        int64_t *since, struct error *error)
{
    struct query query;
    *since = INT64_MIN;
    if (!query_run(&query, db, &FIND_WINDOW, error, tenant->id, user_id, count - 1))
        return false;
    if (query_fetch(&query))
        *since = query_int64(&query, 0);
    query_finish(&query);
    return error->code == ERROR_NONE;
}

/* In place of the newest events of any kind. */
static bool read_windows(struct database *db, struct arena *arena, const struct tenant *tenant,
                         struct recent_events *recent, struct error *error)
{
    struct query query;
    const char *kinds[EVENT_KINDS];
    const char *user_id = recent->user_id;
    int64_t since, since_bought = INT64_MIN;
    for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
        kinds[kind] = event_types_of_kind(tenant, kind, arena);
    if (!find_window(db, tenant, user_id, EVENTS_WINDOW, &since, error) ||
        (since != INT64_MIN && !find_window(db, tenant, user_id, EVENTS_BOUGHT, &since_bought, error)) ||
        !query_run(&query, db, &READ_WINDOWS, error, tenant->id, user_id, since_bought, kinds[EVENT_PURCHASE],
                   EVENTS_PURCHASES, tenant->id, user_id, since, kinds[EVENT_STRONG], LIMIT_RECENT_EVENTS,
                   tenant->id, user_id, since, kinds[EVENT_LIGHT], LIMIT_RECENT_EVENTS))
        return false;
    recent->count = 0;
    recent->rows = arena_alloc(arena, windows_room, sizeof(*recent->rows));
    while (recent->count < windows_room && query_fetch(&query))
        events_read_row(&query, 0, arena, &recent->rows[recent->count++]);
    if (error->code != ERROR_NONE || !event_types_weigh(db, tenant, recent, error))
        return false;
    set_old_purchases_apart(arena, recent);
    return true;
}

static bool read_newest(struct database *db, struct arena *arena, const struct tenant *tenant,
                        const char *user_id, struct recent_events *recent, struct error *error)
{
    struct query query;
    *recent = (struct recent_events){.user_id = user_id};
    if (!query_run(&query, db, &READ_RECENT, error, tenant->id, user_id, LIMIT_RECENT_EVENTS))
        return false;
    recent->rows = arena_alloc(arena, LIMIT_RECENT_EVENTS, sizeof(*recent->rows));
    while (recent->count < LIMIT_RECENT_EVENTS && query_fetch(&query))
        events_read_row(&query, 0, arena, &recent->rows[recent->count++]);
    recent->is_full = recent->count == LIMIT_RECENT_EVENTS;
    return error->code == ERROR_NONE && event_types_weigh(db, tenant, recent, error);
}

bool events_read_recent(struct database *db, struct arena *arena, const struct tenant *tenant,
                        const char *user_id, const struct recent_events *known, struct recent_events *recent,
                        struct error *error)
{
    if (known && known->user_id && !strcmp(known->user_id, user_id))
        *recent = *known;
    else if (!read_newest(db, arena, tenant, user_id, recent, error))
        return false;
    return !recent->is_full || read_windows(db, arena, tenant, recent, error);
}

bool events_read_viewed(struct database *db, struct arena *arena, const struct tenant *tenant,
                        const char *user_id, int64_t since, bool impressions, const char ***item_ids,
                        size_t *count, struct error *error)
{
    struct query query;
    const struct event_type *impression;
    char left_out[INTEGER_TEXT_SIZE] = "";
    if (!impressions && !event_types_find(db, tenant, "impression", &impression, error))
        return false;
    if (!impressions && impression)
        text_of_uint64(impression->id, left_out);
    if (!query_run(&query, db, &READ_VIEWED, error, tenant->id, user_id, since, left_out, LIMIT_VIEWED_ITEMS))
        return false;
    size_t room = 0;
    *item_ids = arena_alloc(arena, 1, sizeof(**item_ids));
    for (*count = 0; *count < LIMIT_VIEWED_ITEMS && query_fetch(&query); (*count)++) {
        if (*count == room) {
            const char **more = arena_alloc(arena, room = room * 2 + FIRST_VIEWED, sizeof(*more));
            memcpy(more, *item_ids, *count * sizeof(*more));
            *item_ids = more;
        }
        (*item_ids)[*count] = query_text(&query, 0, arena);
    }
    return error->code == ERROR_NONE;
}

bool admin_events_stream(struct database *db, struct arena *arena, uint32_t tenant_id, admin_event_each *each,
                         void *context, struct error *error)
{
    struct query query;
    bool more = query_stream(&query, db, &STREAM_EVENTS, error, tenant_id);
    while (more && query_fetch(&query)) {
        const char *user_id = query_text(&query, 0, arena);
        const char *item_id = query_text(&query, 1, arena);
        more = each(context, user_id, item_id, query_double(&query, 2), query_int64(&query, 3));
        arena_reset(arena);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
