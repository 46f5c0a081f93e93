/* Second step: the bearer token becomes claims. All verification of tokens is here.
 *
 * libjwt 1.10 verifies nothing without a key, takes the algorithm from the token, and checks no claims. So
 * the header is read first and must name the configured algorithm, the key is never empty (token_key.h),
 * and every claim is checked here. */
#ifndef PALATE_REQUEST_AUTHENTICATE_H
#define PALATE_REQUEST_AUTHENTICATE_H

#include "request/request.h"

/* Fills request->claims, unless the route is open to all. Errors: 401; 403 when the route needs a scope that
 * the token lacks. */
bool authenticate(struct worker *worker, struct request *request) __attribute__((nonnull));

/* Verifies a compact JWT at a time (Unix seconds) against the configuration. */
bool authenticate_token(const struct config *config, struct arena *arena, const char *token, int64_t now,
                        struct claims *claims, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
