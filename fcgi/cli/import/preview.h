/* `palate import --dry-run`: the first rows as they would be stored, on standard output. */
#ifndef PALATE_CLI_IMPORT_PREVIEW_H
#define PALATE_CLI_IMPORT_PREVIEW_H

#include "cli/import/import.h"

/* Prints a good row of the import as a JSON line, where it is one of the first five. */
void preview_item(const struct import *import, const struct admin_item *item) __attribute__((nonnull));
void preview_event(const struct import *import, const struct admin_event *event, const char *type)
    __attribute__((nonnull));

/* The last line of events, and the exit status. */
int preview_end_events(const struct import *import) __attribute__((nonnull, warn_unused_result));

#endif
