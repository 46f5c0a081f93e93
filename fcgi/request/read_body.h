/* The body of a request, whatever the front made of it.
 *
 * mod_fcgid and lighttpd buffer the body and pass its length; plain CGI passes a chunked one without any;
 * mod_fcgid answers 500 when a worker leaves a part unread. So: at most LIMIT_BODY_BYTES are kept, the
 * rest is read and thrown away, and a body shorter than promised is refused. */
#ifndef PALATE_REQUEST_READ_BODY_H
#define PALATE_REQUEST_READ_BODY_H

#include "request/request.h"

struct body {
    char *bytes; /* in the arena, with a zero behind */
    size_t length;
};

/* Whether a body is to be expected, going by the headers. */
bool body_is_promised(const struct request *request) __attribute__((nonnull));

/* Errors: 400 (length broken or not met), 413. */
bool read_body(struct request *request, struct body *body) __attribute__((nonnull));

/* Reads what is left, up to LIMIT_DRAIN_BYTES. */
void drain_body(struct request *request) __attribute__((nonnull));

#endif
