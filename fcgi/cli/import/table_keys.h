/* The keys of an item's metadata that a table speaks of. Pure.
 *
 * A table without a column leaves what that column would say, and one that has it says of an empty cell that there is
 * nothing: so which keys a row takes away is known from the header, and not from the row alone. */
#ifndef PALATE_CLI_IMPORT_TABLE_KEYS_H
#define PALATE_CLI_IMPORT_TABLE_KEYS_H

#include "cli/import/csv.h"
#include "cli/import/record.h"
#include "cli/import/shop_columns.h"

struct table_keys {
    const char *names[CSV_FIELDS]; /* they live as long as the columns */
    size_t count;
    bool whole; /* there is a column of all metadata: what a row does not have is gone */
};

/* columns: the names that Palate has for them, "" for one without. Of an export also keys that are made of others. */
void table_keys_find(const char *const *columns, size_t count, struct table_keys *keys)
    __attribute__((nonnull(3)));

/* What a row has nothing for, as a JSON object of nulls in the arena; NULL: all that is not in its metadata. */
const char *table_keys_emptied(const struct table_keys *keys, const struct record *record,
                               struct arena *arena) __attribute__((nonnull, warn_unused_result));

#endif
