/* The elements of a JSON array in a file, one at a time, whatever lines it has. Does not look at what they mean. */
#ifndef PALATE_CLI_IMPORT_JSON_ELEMENTS_H
#define PALATE_CLI_IMPORT_JSON_ELEMENTS_H

#include "cli/import/line_reader.h"

struct json_elements;

/* For a file whose first character that is no blank is '['. The reader must outlive it. */
struct json_elements *json_elements_create(struct line_reader *reader)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void json_elements_destroy(struct json_elements *elements);

/* The next element as text with a zero behind, valid until the next call, and the line in which it begins. LINE_END
 * behind the array's end; LINE_TOO_LONG for one of more than LINE_BYTES, which is passed over; LINE_BROKEN where the
 * file cannot be read any further, or is no array: json_elements_problem() says why. */
enum line_outcome json_elements_next(struct json_elements *elements, char **text, size_t *length,
                                     uint64_t *line) __attribute__((nonnull, warn_unused_result));

const char *json_elements_problem(const struct json_elements *elements) __attribute__((nonnull));

#endif
