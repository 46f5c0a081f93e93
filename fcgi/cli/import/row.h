/* Records of an import file as rows of items and events, with every rule checked. Pure: no database. */
#ifndef PALATE_CLI_IMPORT_ROW_H
#define PALATE_CLI_IMPORT_ROW_H

#include "base/arena.h"
#include "base/hash.h"
#include "cli/import/source.h"
#include "storage/event_types.h"
#include "storage/events_write.h"
#include "storage/items_import.h"

/* Members of JSON lines that mean nothing to an item; they are left out and mentioned at the end. */
struct ignored_names {
    uint64_t count;     /* members in all */
    char examples[120]; /* their names, each once, as far as they fit */
};

/* Fills *item; texts live in the arena. An empty cell says nothing of its column. False after writing record->problem. */
bool import_row_item(struct record *record, struct arena *arena, struct admin_item *item,
                     struct ignored_names *ignored) __attribute__((nonnull, warn_unused_result));

struct event_types {
    const struct admin_event_type *types;
    size_t count;
};

/* Fills *event, with its deduplication in the arena: a hash of all that the record says, and of how often
 * the same was said before, but of neither its place in the file nor the file's format. The map, empty at
 * first, counts each content of a file by 64 bits of its hash, so that a line that stands twice counts twice.
 * False after writing record->problem. */
bool import_row_event(struct record *record, struct arena *arena, const struct event_types *types,
                      struct hash_map *repetitions, struct admin_event *event)
    __attribute__((nonnull, warn_unused_result));

#endif
