/* Files of events and of items, for the commands that work without a database.
 *
 * CSV or JSON lines, plain, gzip or xz. Shows progress and says itself what goes wrong: the first bad line
 * ends the reading, because a figure or a model from half of the data misleads. Does not keep what it read.
 */
#ifndef PALATE_CLI_IMPORT_EVENT_FILES_H
#define PALATE_CLI_IMPORT_EVENT_FILES_H

#include "engine/item.h"
#include "storage/event_types.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    DEFAULT_EVENT_TYPES = 8,
    UNKNOWN_EVENT_WEIGHT = 10, /* of a type not in the table, and of an event without a type: a view */
    EVENT_PLACES = 10000000,
};

/* The types of events in files, which are also those that a new tenant gets. */
extern const struct admin_event_type default_event_types[DEFAULT_EVENT_TYPES];

struct file_event {
    const char *user_id, *item_id; /* checked by the rules of ids */
    int weight;                    /* of its type */
    enum event_kind kind;          /* the window of the history that it belongs to */
    int64_t occurred_at; /* Unix ms, not event_is_ahead(); 0 in a file without times, in one of places in an
                            order 1000 times the place */
};

/* The event lives until the call returns. */
typedef void file_event_each(void *context, const struct file_event *event);

/* Calls each for every event, in the order of the file. Columns: user_id, item_id, and, where the data has
 * them, type and occurred_at (all events have a time, or all a whole number below EVENT_PLACES, their place in an
 * order, or none has any); others are passed over. Events whose time is
 * ahead of the clock are left out, and it says how many.
 * what: for the progress ("reading events"). False after saying why; also after Ctrl-C. */
bool event_file_read(const char *path, const char *what, file_event_each *each, void *context)
    __attribute__((nonnull(1, 2, 3), warn_unused_result));

/* The item lives until the call returns. */
typedef void file_item_each(void *context, const struct engine_item *item);

/* Calls each for every item; the rules are those of `palate import items`, but that a description which is
 * too long is cut. now: Unix seconds, the creation
 * of an item that does not give its own. */
bool item_file_read(const char *path, int64_t now, file_item_each *each, void *context)
    __attribute__((nonnull(1, 3), warn_unused_result));

#endif
