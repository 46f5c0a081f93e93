/* Storing the events of one call for good; see events_store.h.
 *
 * Two lists with the same keys in different orders deadlock, and both would do so again if they tried again
 * at once: so each waits a random time, which grows with the tries, as Ethernet does after a collision
 * (binary exponential backoff, here linear).
 *
 * A statement that commits by itself saves two round trips, but not on a Galera cluster: a node that is cut off
 * while such a bulk INSERT with RETURNING waits for the group has been seen to answer it with the
 * rows and without an error, though nothing was committed (MariaDB 10.11.19). There a COMMIT says what became of
 * them. */
#include "storage/events_store.h"

#include "base/clock.h"
#include "base/random.h"
#include "storage/bulk.h"
#include "storage/transaction.h"

#include <string.h>
#include <unistd.h>

enum {
    TRIES = 10,
    PAUSE_US = 20,              /* after the first deadlock: up to 255 times that, after later ones more */
    AGAIN_US = 2 * 1000 * 1000, /* no new try after a lock has been waited for so long */
    SETTLE_PAUSE_US = 100 * 1000,
    ROW_BYTES = 256, /* of a row beside its texts, generously */
};

struct storing {
    struct database *db;
    struct arena *arena;
    uint32_t tenant_id;
    struct new_event *events;
    size_t count;
    const struct new_event *settled_by; /* an event that this transaction has stored; NULL: none */
};

/* Lists that deadlock would do so again if all of them came back at once. */
static void pause_at_random(int tries)
{
    unsigned char chance;
    random_fill(&chance, sizeof(chance));
    usleep((useconds_t)(tries * chance * PAUSE_US));
}

static bool insert(struct storing *storing, struct error *error)
{
    return events_insert(storing->db, storing->arena, storing->tenant_id, storing->events, storing->count,
                         error);
}

/* ---- One statement */

static size_t text_bytes(const char *text)
{
    return text ? strlen(text) : 0;
}

static bool fit_one_statement(const struct storing *storing)
{
    size_t bytes = 0;
    for (size_t i = 0; i < storing->count; i++) {
        const struct new_event *event = &storing->events[i];
        bytes += ROW_BYTES + text_bytes(event->user_id) + text_bytes(event->item_id) +
                 text_bytes(event->session_id) + text_bytes(event->request_id) +
                 text_bytes(event->context_id) + text_bytes(event->placement) + text_bytes(event->factor) +
                 text_bytes(event->metadata);
    }
    bool owned = storing->count && storing->events[storing->count - 1].owner; /* those stand last */
    return !owned && storing->count < BULK_ROWS && bytes < BULK_BYTES;
}

/* What may have been stored must not be answered with "try again". */
static bool say_unknown(bool unknown, struct error *error)
{
    if (unknown)
        error->code = ERROR_DATABASE;
    return false;
}

/* A connection that was there and is lost may or may not have stored the events: only another try shows it.
 * Where none could be made in the first place nothing has happened. */
static bool store_at_once(struct storing *storing, struct error *error)
{
    int64_t start = clock_monotonic_us();
    struct patience patience = patience_start();
    bool unknown = false;
    for (int tries = 1;; tries++) {
        bool was_connected = database_is_connected(storing->db);
        if (insert(storing, error))
            return true;
        int64_t taken = clock_monotonic_us() - start;
        bool connected = database_is_connected(storing->db);
        bool retry = error->code == ERROR_DATABASE_RETRY;
        bool again = retry && tries < TRIES && taken < AGAIN_US;
        unknown = unknown || (was_connected && !connected);
        if (!again && !(unknown && (retry || !connected) && patience_lasts(&patience, storing->db, error)))
            return say_unknown(unknown, error);
        error_clear(error);
        if (again)
            pause_at_random(tries);
        else if (!was_connected)
            usleep(SETTLE_PAUSE_US);
    }
}

/* ---- Several statements */

static bool store_in_transaction(void *context, struct error *error)
{
    struct storing *storing = context;
    storing->settled_by = NULL;
    if (!insert(storing, error))
        return false;
    for (size_t i = 0; i < storing->count && !storing->settled_by; i++) {
        if (storing->events[i].inserted)
            storing->settled_by = &storing->events[i];
    }
    return true;
}

static bool settle(void *context, bool *found, struct error *error)
{
    struct storing *storing = context;
    *found = true; /* nothing was new, so nothing can be lost */
    return !storing->settled_by ||
           events_is_committed(storing->db, storing->tenant_id, storing->settled_by, found, error);
}

static bool store_patiently(struct storing *storing, struct error *error)
{
    int64_t end = clock_monotonic_us() + AGAIN_US;
    for (int tries = 1;; tries++) {
        if (transaction_run(storing->db, store_in_transaction, settle, storing, error))
            return true;
        if (error->code != ERROR_DATABASE_RETRY || tries == TRIES || clock_monotonic_us() > end)
            return false;
        error_clear(error);
        pause_at_random(tries);
    }
}

bool events_store(struct database *db, struct arena *arena, uint32_t tenant_id, struct new_event *events,
                  size_t count, struct error *error)
{
    struct storing storing = {
        .db = db, .arena = arena, .tenant_id = tenant_id, .events = events, .count = count};
    bool at_once = fit_one_statement(&storing) && !database_is_in_cluster(db);
    return at_once ? store_at_once(&storing, error) : store_patiently(&storing, error);
}
