/* Third step, for callers with a good token: query string and body become merged parameters.
 *
 * Decided here: the body wins over the query; of equal keys the last one counts; an explicit null counts
 * as absent; a form that begins with a brace is JSON; an empty body means no parameters. */
#ifndef PALATE_REQUEST_READ_PARAMETERS_H
#define PALATE_REQUEST_READ_PARAMETERS_H

#include "request/request.h"

/* Fills the part "sent" of the request. Errors: 400, 413. */
bool read_parameters(struct worker *worker, struct request *request) __attribute__((nonnull));

/* Parses application/x-www-form-urlencoded text (it is changed) into string members of object. */
bool parse_form(char *text, struct json_object *object, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
