/* Typed reading of merged parameters, with errors that name the field and the rule.
 *
 * Numbers may come as text, since a query string has nothing else; text must be text. Every reader leaves
 * its result alone and returns true when the parameter is absent. */
#ifndef PALATE_REQUEST_PARAMETERS_H
#define PALATE_REQUEST_PARAMETERS_H

#include "base/arena.h"
#include "base/error.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum text_rule {
    TEXT_LINE, /* 1 to maximum characters, no control characters */
    TEXT_ID,   /* the same, and not only blanks */
    TEXT_FREE, /* 0 to maximum characters, anything but U+0000 */
};

/* A text of at most maximum characters. *value points into the JSON value. field is the name in errors. */
bool parameter_text(struct json_object *value, const char *field, enum text_rule rule, size_t maximum,
                    const char **text, struct error *error)
    __attribute__((nonnull(2, 5, 6), warn_unused_result));

/* An id, which may also come as a whole number: then its digits, in the arena. Otherwise as TEXT_ID. */
bool parameter_id(struct json_object *value, const char *field, size_t maximum, struct arena *arena,
                  const char **text, struct error *error)
    __attribute__((nonnull(2, 4, 5, 6), warn_unused_result));

/* The first of the names (the list ends with NULL) that is present: its value, and its name as *field. NULL,
 * with *field the first name, when none is. */
struct json_object *parameter_first(struct json_object *object, const char *const *names, const char **field)
    __attribute__((nonnull));

/* The `limit` of a list: DEFAULT_PAGE when absent, lowered to LIMIT_PAGE, fractions floored; below 1 or no
 * number is ERROR_INVALID_LIMIT. */
bool parameter_page(struct json_object *merged, size_t *limit, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The same for one present value, whatever its name; *limit is at most LIMIT_PAGE. */
bool parameter_page_value(struct json_object *value, const char *field, size_t *limit, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* A whole number from minimum to maximum: 10, "10" or 10.0. */
bool parameter_integer(struct json_object *value, const char *field, int64_t minimum, int64_t maximum,
                       int64_t *number, struct error *error)
    __attribute__((nonnull(2, 5, 6), warn_unused_result));

/* A number of at least 0; *present tells whether it was there. */
bool parameter_amount(struct json_object *value, const char *field, double *number, bool *present,
                      struct error *error) __attribute__((nonnull(2, 3, 4, 5), warn_unused_result));

/* true, false, "true" or "false". */
bool parameter_boolean(struct json_object *value, const char *field, bool *flag, struct error *error)
    __attribute__((nonnull(2, 3, 4), warn_unused_result));

/* A wish, in the words of all clients: true, false, 1, 0, or text: true, full, basic, 1; false, none, 0. */
bool parameter_wish(struct json_object *value, const char *field, bool *flag, struct error *error)
    __attribute__((nonnull(2, 3, 4), warn_unused_result));

/* Takes out the members whose value is text without a character, or of blanks, as forms and templates send what
 * is not filled in, and such entries of lists, but for members that `kept` names (it ends with NULL). Lists that
 * lose all entries go, too. */
void parameters_drop_empty(struct json_object *merged, const char *const *kept) __attribute__((nonnull));

/* `quantity`, else its alias `limit`: 1 to LIMIT_QUANTITY. */
bool parameter_quantity(struct json_object *merged, int64_t *quantity, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
