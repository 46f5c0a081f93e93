/* Brings the search index up to the catalogue: after an import, and with each training, which comes after a
 * change of [items] search_metadata and after the migration that brought the index. */
#ifndef PALATE_CLI_INDEX_ITEMS_H
#define PALATE_CLI_INDEX_ITEMS_H

#include "cli/session.h"

/* Makes the words of all items whose words are due. Each thousand items is a transaction of its own that
 * locks the words of these items and nothing else, for a fraction of a second; what was done before an
 * interruption stays. *count is the number of items. False after saying why. */
bool index_items(struct session *session, uint64_t tenant_id, uint64_t *count)
    __attribute__((nonnull, warn_unused_result));

#endif
