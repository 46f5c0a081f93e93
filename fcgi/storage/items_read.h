/* Items as the API reads them: one, a page in the order of ids, and which of many exist. Deleted items are
 * left out, but by items_find_heads() and items_read_state(). */
#ifndef PALATE_STORAGE_ITEMS_READ_H
#define PALATE_STORAGE_ITEMS_READ_H

#include "storage/items.h"

/* *row is in the arena; active means just that. */
bool items_find(struct database *db, struct arena *arena, uint32_t tenant_id, const char *id,
                struct item_row *row, bool *found, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* A page: ids above `after` in the order of their bytes. It costs the rows that it reads, wherever it begins.
 */
struct items_page {
    const char *after;                /* "" for the first page */
    const char *category;             /* NULL: any; else exactly metadata.category */
    int64_t created_from, created_to; /* Unix seconds, inclusive */
    size_t limit;
};

/* At most page->limit rows, in the arena. */
bool items_list(struct database *db, struct arena *arena, uint32_t tenant_id, const struct items_page *page,
                struct item_row **rows, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

struct item_head {
    const char *id;
    int64_t created_at;
    bool active, deleted;
};

/* The heads of those of the ids that have a row, deleted ones included, in no order; ids is JSON, an array of
 * up to limit different texts. */
bool items_find_heads(struct database *db, struct arena *arena, uint32_t tenant_id, const char *ids,
                      size_t limit, struct item_head **heads, size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* What the database knows of an item that a catalogue in memory does not: whether it is gone or only off. */
enum item_state { ITEM_STATE_UNKNOWN, ITEM_STATE_DELETED, ITEM_STATE_INACTIVE, ITEM_STATE_ACTIVE };

bool items_read_state(struct database *db, uint32_t tenant_id, const char *item_id, enum item_state *state,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
