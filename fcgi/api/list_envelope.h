/* The envelope of every list: {object: "list", data, has_more, next_cursor, url}. */
#ifndef PALATE_API_LIST_ENVELOPE_H
#define PALATE_API_LIST_ENVELOPE_H

#include <json-c/json.h>
#include <stdbool.h>

/* data (an array) is taken over; next_cursor NULL becomes null. url is the path without the query. */
struct json_object *list_envelope(struct json_object *data, bool has_more, const char *next_cursor,
                                  const char *url)
    __attribute__((nonnull(1, 4), returns_nonnull, warn_unused_result));

#endif
