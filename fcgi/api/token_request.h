/* What a client asks of the token endpoint, in every form that published clients send: credentials in the
 * Authorization header (Basic), in a form or in JSON, under three pairs of names. Verifies nothing. */
#ifndef PALATE_API_TOKEN_REQUEST_H
#define PALATE_API_TOKEN_REQUEST_H

#include "request/request.h"

struct credentials {
    const char *client_id, *secret; /* both set, or both NULL */
};

struct token_request {
    struct credentials credentials;
    struct credentials decoded; /* the same of Basic with percent-encoding undone, where that differs */
    const char *scope;          /* NULL: not asked for */
};

/* Reads header and body of the request. Errors: 400 invalid_request, unsupported_grant_type; 401
 * invalid_client when there are no credentials. Texts live in the arena or in request->merged. */
bool token_request_read(struct request *request, struct token_request *asked) __attribute__((nonnull));

/* The two halves of "Basic base64(id:secret)" (RFC 7617); false when it is something else. In *decoded the
 * same as RFC 6749, 2.3.1 wants them read, or nothing where that is the same or impossible. */
bool token_request_read_basic(struct arena *arena, const char *header, struct credentials *credentials,
                              struct credentials *decoded) __attribute__((nonnull, warn_unused_result));

#endif
