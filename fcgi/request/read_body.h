/* The body of a request, whatever the front made of it.
 *
 * mod_fcgid and lighttpd buffer the body and pass its length; plain CGI passes a chunked one without any;
 * mod_fcgid answers 500 when a worker leaves a part unread. So: what is promised is judged before anything is
 * read, at most the limit of the route's kind of body is kept, whatever is not wanted is read and thrown away
 * once, before the answer, and a body shorter than promised is refused. */
#ifndef PALATE_REQUEST_READ_BODY_H
#define PALATE_REQUEST_READ_BODY_H

#include "request/request.h"

struct body {
    char *bytes; /* in the arena, with a zero behind */
    size_t length;
};

/* Whether a body is to be expected, going by the headers. */
bool body_is_promised(const struct request *request) __attribute__((nonnull));

/* Whether the body may be read, going by its promised length and the route. Errors: 400 (broken), 413. */
bool judge_body_length(struct request *request) __attribute__((nonnull));

/* Keeps the body. Errors: those of judge_body_length(), 400 (promise not kept), 413 (length not known). */
bool read_body(struct request *request, struct body *body) __attribute__((nonnull));

/* Reads what is left of it, up to LIMIT_DRAIN_BYTES; once. */
void drain_body(struct request *request) __attribute__((nonnull));

#endif
