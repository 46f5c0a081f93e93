/* Imports of items, for the command line tool.
 *
 * An import first collects its rows in a temporary table of this connection, and only then, all at once,
 * changes the catalogue: so the tenant's row is locked for seconds at most, however slowly the rows come. */
#ifndef PALATE_STORAGE_ITEMS_IMPORT_H
#define PALATE_STORAGE_ITEMS_IMPORT_H

#include "storage/bulk.h"
#include "storage/items.h"

/* Makes the temporary table, empty. Outside a transaction. */
bool admin_items_stage(struct database *db, struct error *error) __attribute__((nonnull, warn_unused_result));

/* Adds a row to the bulk; see bulk_end_row() for what is returned. now: Unix seconds. */
bool admin_item_add(struct bulk *bulk, uint32_t tenant_id, int64_t now, const struct admin_item *item)
    __attribute__((nonnull, warn_unused_result));

/* Puts the bulk's rows into the temporary table; of equal ids the last one counts. */
bool admin_items_collect(struct database *db, struct bulk *bulk, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Completes metadata that leaves what is stored under other keys (admin_item.emptied), in the transaction that
 * applies it. *too_long: an item that would have more than LIMIT_METADATA_BYTES of it then, in the arena; NULL: none. */
bool admin_items_complete(struct database *db, struct arena *arena, uint32_t tenant_id, const char **too_long,
                          struct error *error) __attribute__((nonnull, warn_unused_result));

/* Inserts what was collected, or replaces items of the same id, as of this revision. An item that is as
 * stored already keeps its revision. */
bool admin_items_apply(struct database *db, uint32_t tenant_id, uint64_t revision, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* How many items were collected, and how many of them are stored and not deleted. */
bool admin_items_count_collected(struct database *db, uint32_t tenant_id, uint64_t *collected,
                                 uint64_t *known, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Of the items that are shown, how many there are and how many were not collected. */
bool admin_items_count_leaving(struct database *db, uint32_t tenant_id, uint64_t *shown, uint64_t *leaving,
                               struct error *error) __attribute__((nonnull, warn_unused_result));

/* Switches those off that were not collected, as of this revision and time (Unix seconds). They are shown again when
 * an import has them again. */
bool admin_items_switch_off(struct database *db, uint32_t tenant_id, uint64_t revision, int64_t now,
                            struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
