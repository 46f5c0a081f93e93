/* What an import leaves for the workers. */
#ifndef PALATE_CLI_IMPORT_SHARE_CHANGES_H
#define PALATE_CLI_IMPORT_SHARE_CHANGES_H

#include "cli/import/import.h"

/* Makes the tenant's delta file (recommender/overlay.h) when so many items were changed that it is worth it and it
 * can be made for the workers; else nothing. After the commit. Failures are logged and harm nobody. */
void import_share_changes(const struct import *import, uint64_t changed) __attribute__((nonnull));

#endif
