/* The event types that a new tenant gets, which are also those of events in files.
 *
 * A table and a look-up; does not read the database. */
#ifndef PALATE_CLI_IMPORT_DEFAULT_EVENT_TYPES_H
#define PALATE_CLI_IMPORT_DEFAULT_EVENT_TYPES_H

#include "storage/admin/event_types.h"

enum {
    DEFAULT_EVENT_TYPES = 8,
    UNKNOWN_EVENT_WEIGHT =
        10, /* of a type that is not in the table, and of an event without a type: a view */
};

extern const struct admin_event_type default_event_types[DEFAULT_EVENT_TYPES];

/* The weight of an event of this type in a file; NULL: without a type. */
int default_event_weight(const char *type) __attribute__((warn_unused_result));

#endif
