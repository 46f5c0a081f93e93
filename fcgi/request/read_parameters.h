/* Third step, for callers with a good token: query string and body become merged parameters.
 *
 * Decided here: the body wins over the query; of equal keys the last one counts; an explicit null counts
 * as absent; a form that begins with a brace is JSON; an empty body means no parameters. The entries of a list
 * are parsed by the route's check, one at a time (request_next_entry). */
#ifndef PALATE_REQUEST_READ_PARAMETERS_H
#define PALATE_REQUEST_READ_PARAMETERS_H

#include "request/request.h"

/* Fills the part "sent" of the request. Errors: 400, 413. */
bool read_parameters(struct worker *worker, struct request *request) __attribute__((nonnull));

/* Parses the next entry of request->list; the caller owns it (NULL stands for JSON null). Error: 400, in place
 * of what was found wrong with the entries before, as if the list had been parsed as a whole. */
bool request_next_entry(struct request *request, struct json_object **entry)
    __attribute__((nonnull, warn_unused_result));

/* Parses application/x-www-form-urlencoded text (it is changed) into string members of object. */
bool parse_form(char *text, struct json_object *object, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
