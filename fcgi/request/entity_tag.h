/* Conditional requests: does the caller have this already? */
#ifndef PALATE_REQUEST_ENTITY_TAG_H
#define PALATE_REQUEST_ENTITY_TAG_H

#include "request/request.h"

/* Whether If-None-Match names the tag, which is given with its quotes (RFC 9110, 13.1.2: compared weakly), or
 * any. */
bool entity_tag_is_known(const struct request *request, const char *tag)
    __attribute__((nonnull, warn_unused_result));

#endif
