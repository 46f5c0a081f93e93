/* Storing events that the API received: what they may name, the insert that finds out which of them are new,
 * and how to find out what became of a COMMIT.
 *
 * Every event has a key, unique within its tenant; an event whose key is stored already is not stored again.
 * Does not decide what an event is worth or whether it is acceptable. */
#ifndef PALATE_STORAGE_EVENTS_WRITE_H
#define PALATE_STORAGE_EVENTS_WRITE_H

#include "storage/bulk.h"
#include "storage/database.h"

enum { EVENT_KEY_BYTES = 16, EVENT_DEDUPLICATION_BYTES = EVENT_KEY_BYTES };

/* When an event counts as having happened, of what was told and the arrival, all Unix milliseconds: what is
 * told, but the arrival where that is more than LIMIT_CLOCK_AHEAD_MS ahead of it. Lists and training go by the
 * newest events, and one of next year would stand before all that its user does until then. */
int64_t event_moment(int64_t told, int64_t arrival) __attribute__((const, warn_unused_result));

/* Whether a time is so far ahead that it is no event's, where no arrival can stand in for it: in a file. */
bool event_is_ahead(int64_t told, int64_t now) __attribute__((const, warn_unused_result));

/* Sets for each of these items whether the catalogue has it, inactive or not. One query. */
bool events_find_items(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const char *const *item_ids, size_t item_count, bool *exist, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Texts may be NULL but for the first two. Of a repeated event time, session, request, context, placement and
 * metadata become what is stored. */
struct new_event {
    const char *user_id, *item_id;
    const char *session_id, *request_id, *context_id, *placement;
    const char *factor;   /* a number as text; NULL: 1 */
    const char *metadata; /* JSON object; NULL: empty */
    uint32_t type_id;
    int64_t occurred_at; /* Unix milliseconds */
    bool is_visitor;     /* user_id was named as anonymous_id */
    unsigned char key[EVENT_KEY_BYTES];
    /* Stored only along with this event, which stands before it in the same list: what a search has shown,
     * where the search may turn out to be a repetition or in conflict. NULL: stored in any case. */
    const struct new_event *owner;
    /* Filled by events_insert(). */
    uint64_t id;         /* of the stored event with this key */
    int64_t received_at; /* Unix seconds */
    bool inserted;       /* false: it was there before */
    bool in_conflict;    /* what is stored under its key has another user, item or type; its other members
                            stay as they are, but for the id */
};

enum { EVENT_REPEATED_BYTES = 8 * 1024 * 1024 };

/* Inserts the events whose keys are not there yet, in the order given, so that their ids rise, and reads the
 * others. INSERT IGNORE would also pass over other faults: the caller has checked every value. Events with an
 * owner come last; those whose owner was not inserted are left as they are. Up to BULK_ROWS rows of
 * BULK_BYTES without owners are one statement; more need a transaction around it. Repetitions that have more
 * than EVENT_REPEATED_BYTES of metadata together: ERROR_BATCH_SIZE. */
bool events_insert(struct database *db, struct arena *arena, uint32_t tenant_id, struct new_event *events,
                   size_t count, struct error *error) __attribute__((nonnull, warn_unused_result));

/* Whether an event that events_insert() has inserted is committed: the one with its id and its key, for another
 * may have got the id since. Waits for a COMMIT still under way. */
bool events_is_committed(struct database *db, uint32_t tenant_id, const struct new_event *event, bool *found,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

/* ---- For the tool: rows of an import */

struct admin_event {
    const char *user_id, *item_id;
    uint64_t type_id;
    int64_t occurred_at; /* Unix milliseconds */
    int64_t quantity;
    const unsigned char *deduplication; /* EVENT_DEDUPLICATION_BYTES */
};

/* Adds a row to the bulk; see bulk_end_row() for what is returned. */
bool admin_event_add(struct bulk *bulk, uint32_t tenant_id, const struct admin_event *event)
    __attribute__((nonnull, warn_unused_result));

/* Inserts the bulk's events but those that are there already (by deduplication); *inserted counts the new
 * ones. INSERT IGNORE would also pass over other faults: the caller has checked every value. */
bool admin_events_insert(struct database *db, struct bulk *bulk, uint64_t *inserted, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
