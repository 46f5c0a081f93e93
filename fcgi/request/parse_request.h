/* First step: the CGI variables become a route, and what the head says of the body is judged.
 *
 * Decided here: a missing Content-Type means JSON; the type of a body that is not there does not matter. */
#ifndef PALATE_REQUEST_PARSE_REQUEST_H
#define PALATE_REQUEST_PARSE_REQUEST_H

#include "request/request.h"

/* Fills the part "asked" of the request, without reading its body. Errors: 400, 404, 405, 413, 414, 415. */
bool parse_request(struct worker *worker, struct request *request) __attribute__((nonnull));

enum body_type { BODY_JSON, BODY_FORM, BODY_OTHER };

/* By its Content-Type. */
enum body_type body_type(const struct request *request) __attribute__((nonnull, warn_unused_result));

/* The path of a REQUEST_URI below a base path, without the query: *path and *query (after the '?', or "")
 * in the arena, not decoded. False when it is not plain: empty or dot segments, a slash at the end. */
bool parse_uri(struct arena *arena, const char *uri, const char *base_path, char **path, char **query)
    __attribute__((nonnull));

#endif
