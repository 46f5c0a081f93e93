/* Removing what is old, for the command line tool: in small transactions that keep nobody waiting, each of
 * which stands for itself. Also how fast the tables grow.
 *
 * Logs are the requests with their answers and shadows. Events lose all but what was bought, of which who,
 * what, when and how many stay. Lists are those that are past their own time. Users are the rows of users and
 * items that hold no text. */
#ifndef PALATE_STORAGE_RETENTION_H
#define PALATE_STORAGE_RETENTION_H

#include "storage/database.h"

enum retention_part {
    RETENTION_LOGS,
    RETENTION_EVENTS,
    RETENTION_LISTS,
    RETENTION_USERS,
    RETENTION_PART__MAX
};

/* "logs", "events", "lists", "users": in this order. */
const char *retention_part_name(enum retention_part part) __attribute__((returns_nonnull, const));

/* What is to go of one tenant, and how far that has come. */
struct retention_cut {
    uint32_t tenant_id;
    enum retention_part part;
    int64_t before; /* Unix seconds: what is older goes */

    int64_t position; /* own, as the next: what is before it is done; begins as 0 */
    uint64_t position_id;
    uint64_t removed; /* rows so far; an answer is not counted beside its request */
    int64_t work_us;  /* of the last step: what the rows took, without the COMMIT, which waits for the disk */
    bool is_done;
};

/* Goes on by about so many rows, in one transaction. After a failure nothing of it has happened, and the same
 * step may be tried again. */
bool admin_retention_step(struct database *db, struct retention_cut *cut, unsigned rows, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* How many rows of which tables a cut would take at this moment, and beside them, in is_change, those that would
 * only lose what is not kept of a purchase. Reads the index of what is old and locks nothing; counts as long as there
 * are rows. */
struct retention_count {
    const char *table;
    uint64_t rows;
    bool is_change;
};
enum { RETENTION_TABLES_MOST = 3 };
bool admin_retention_count(struct database *db, uint32_t tenant_id, enum retention_part part, int64_t before,
                           struct retention_count counts[RETENTION_TABLES_MOST], size_t *count,
                           struct error *error) __attribute__((nonnull, warn_unused_result));

/* What came to a tenant within the last day, and since when (Unix seconds; 0: never) it has a log. */
struct tenant_growth {
    uint64_t requests, events;
    int64_t oldest_request;
};
bool admin_growth_read(struct database *db, uint32_t tenant_id, int64_t now, struct tenant_growth *growth,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

/* Bytes of all tables with their indexes, and those that a row of the logs (request and answer together) and
 * an event take, as MariaDB estimates them; 0 where there are too few rows to tell. */
struct database_size {
    uint64_t bytes;
    double request_bytes, event_bytes;
};
bool admin_size_read(struct database *db, struct database_size *size, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
