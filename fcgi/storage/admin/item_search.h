/* The search index, for the command line tool: which items' words are due. */
#ifndef PALATE_STORAGE_ADMIN_ITEM_SEARCH_H
#define PALATE_STORAGE_ADMIN_ITEM_SEARCH_H

#include "storage/database.h"
#include "storage/items.h"

/* The first limit items above `after`, in the order of ids, that have no words or words of another revision
 * or recipe; in the arena. */
bool admin_item_search_due(struct database *db, struct arena *arena, uint64_t tenant_id, uint32_t recipe,
                           const char *after, size_t limit, struct item_row **rows, size_t *count,
                           struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
