/* Makes signed tokens (JWT, RFC 7519) with the configured algorithm: for POST /oauth2/token, `palate token`
 * and `palate doctor`. Whether a client may have one is for the caller to know. */
#ifndef PALATE_TOKEN_ISSUE_TOKEN_H
#define PALATE_TOKEN_ISSUE_TOKEN_H

#include "base/config.h"

#include <stdbool.h>
#include <stdint.h>

struct token_claims {
    const char *client_id, *subject, *scope;
    int64_t issued_at, expires_at; /* Unix seconds */
};

/* The token, with jti, and kid, iss and aud as configured; release with memory_free(). NULL after writing a
 * sentence to problem, which names files: for the log and the operator. */
char *issue_token(const struct config *config, const struct token_claims *claims, char *problem,
                  size_t problem_size) __attribute__((nonnull, warn_unused_result));

/* Whether this process could: it may read the key that signs. False after writing a sentence to problem. */
bool issue_token_is_ready(const struct config *config, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

#endif
