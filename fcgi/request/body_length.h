/* What the web server says about the length of a request's body. */
#ifndef PALATE_REQUEST_BODY_LENGTH_H
#define PALATE_REQUEST_BODY_LENGTH_H

#include "request/transport.h"

#include <stdint.h>

enum { BODY_LENGTH_UNKNOWN = -1, BODY_LENGTH_BROKEN = -2 };

/* Bytes, or one of the two. No Content-Length and no Transfer-Encoding: no body, 0. */
int64_t body_length(const struct transport *transport) __attribute__((nonnull, warn_unused_result));

#endif
