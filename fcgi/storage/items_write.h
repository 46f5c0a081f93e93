/* Items as the API writes them: many in one statement, inside a transaction that has begun its write
 * (storage/catalogue_writes.h). */
#ifndef PALATE_STORAGE_ITEMS_WRITE_H
#define PALATE_STORAGE_ITEMS_WRITE_H

#include "storage/database.h"

struct item_write {
    const char *id, *name, *description, *metadata;
    bool active;
    int64_t created_at, updated_at; /* Unix seconds */
};

/* Who writes, and as what. */
struct item_writer {
    struct database *db;
    uint32_t tenant_id;
    uint64_t revision; /* of this write */
};

/* Inserts the items, or replaces those of the same ids, deleted ones too. Of equal ids the
 * last one counts. */
bool items_write(const struct item_writer *writer, const struct item_write *items, size_t count,
                 struct error *error) __attribute__((nonnull(1, 4), warn_unused_result));

/* Turns items into tombstones, by which workers and the next training learn to drop them, and empties
 * them. *deleted counts those that were there. */
bool items_delete(const struct item_writer *writer, int64_t now, const char *const *ids, size_t count,
                  uint64_t *deleted, struct error *error)
    __attribute__((nonnull(1, 5, 6), warn_unused_result));

#endif
