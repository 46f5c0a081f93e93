/* First step: CGI variables, query string and body become a route and merged parameters.
 *
 * Decided here: the body wins over the query; of equal keys the last one counts; an explicit null counts
 * as absent; a missing Content-Type means JSON, and so does a form that begins with a brace; an empty body
 * means no parameters. */
#ifndef PALATE_REQUEST_PARSE_REQUEST_H
#define PALATE_REQUEST_PARSE_REQUEST_H

#include "request/request.h"

/* Fills the part "asked" of the request. Errors: 400, 404, 405, 413, 414, 415. */
bool parse_request(struct worker *worker, struct request *request) __attribute__((nonnull));

/* Parses application/x-www-form-urlencoded text (it is changed) into string members of object. */
bool parse_form(char *text, struct json_object *object, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The path of a REQUEST_URI below a base path, without the query: *path and *query (after the '?', or "")
 * in the arena, not decoded. False when it is not plain: empty or dot segments, a slash at the end. */
bool parse_uri(struct arena *arena, const char *uri, const char *base_path, char **path, char **query)
    __attribute__((nonnull));

#endif
