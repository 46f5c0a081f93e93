/* The envelope of every list: {object: "list", data, has_more, next_cursor, url}. */
#ifndef PALATE_API_LIST_ENVELOPE_H
#define PALATE_API_LIST_ENVELOPE_H

#include "base/json_write.h"

/* Opens the envelope and in it the list `data`, whose entries come next. */
void list_envelope_begin(struct json_writer *out) __attribute__((nonnull));

/* Closes the list and writes what stands behind it. The envelope stays open: more members may follow before
 * json_writer_end(). next_cursor NULL becomes null; url is the path without the query. */
void list_envelope_end(struct json_writer *out, bool has_more, const char *next_cursor, const char *url)
    __attribute__((nonnull(1, 4)));

#endif
