/* Second step: the bearer token of the request becomes claims, and their scopes are looked at. Whether the
 * token counts is token/claims.h's to say. */
#ifndef PALATE_REQUEST_AUTHENTICATE_H
#define PALATE_REQUEST_AUTHENTICATE_H

#include "request/request.h"

/* Fills request->claims, unless the route is open to all. Errors: 401; 403 when the route needs a scope that
 * the token lacks, or is not for the person that the token is for. */
bool authenticate(struct worker *worker, struct request *request) __attribute__((nonnull));

/* The scope that a route needs, NULL: none; and whether it is among scopes separated by spaces. */
const char *scope_wanted(const struct config *config, enum access access) __attribute__((nonnull));
bool scope_is_among(const char *scopes, const char *wanted, size_t length)
    __attribute__((nonnull, warn_unused_result));

/* The end user that the token is for, and for no other; NULL: it is a client's, which may name anybody. */
const char *person_of(const struct request *request) __attribute__((nonnull, warn_unused_result));

/* Whether the token may read or write what is about this user: a client's may, a person's that of the same id
 * alone. NULL is nobody's own. Else ERROR_PERSON_TOKEN. */
bool person_may_name(struct request *request, const char *user_id)
    __attribute__((nonnull(1), warn_unused_result));

#endif
