/* Rows of items, for the command line tool: importing and streaming. */
#ifndef PALATE_STORAGE_ADMIN_ITEMS_H
#define PALATE_STORAGE_ADMIN_ITEMS_H

#include "storage/bulk.h"
#include "storage/database.h"

struct admin_item {
    const char *id, *name, *description, *metadata;
    bool active;
    int64_t created; /* Unix seconds; 0: keep what is stored, now for a new item */
    int64_t updated; /* Unix seconds; reading only */
};

/* An import first collects its rows in a temporary table of this connection, and only then, all at once,
 * changes the catalogue: so the tenant's row is locked for seconds at most, however slowly the rows come. */

/* Makes the temporary table, empty. Outside a transaction. */
bool admin_items_stage(struct database *db, struct error *error) __attribute__((nonnull, warn_unused_result));

/* Adds a row to the bulk; see bulk_end_row() for what is returned. now: Unix seconds. */
bool admin_item_add(struct bulk *bulk, uint64_t tenant_id, int64_t now, const struct admin_item *item)
    __attribute__((nonnull, warn_unused_result));

/* Puts the bulk's rows into the temporary table; of equal ids the last one counts. */
bool admin_items_collect(struct database *db, struct bulk *bulk, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Inserts what was collected, or replaces items of the same id, as of this revision. An item that is as
 * stored already keeps its revision. */
bool admin_items_apply(struct database *db, uint64_t tenant_id, uint64_t revision, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Items whose last change is exactly this revision, and those changed later than it. */
bool admin_items_count_revision(struct database *db, uint64_t tenant_id, uint64_t revision, uint64_t *count,
                                struct error *error) __attribute__((nonnull, warn_unused_result));
bool admin_items_count_since(struct database *db, uint64_t tenant_id, uint64_t revision, uint64_t *count,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

/* Calls each(context, item) for every item that is active and not deleted, in the order of ids. The item
 * lives until the call returns. each returns false to stop early. The arena is reset for every row. */
typedef bool admin_item_each(void *context, const struct admin_item *item);
bool admin_items_stream(struct database *db, struct arena *arena, uint64_t tenant_id, admin_item_each *each,
                        void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 6), warn_unused_result));

#endif
