/* Makes signed tokens (JWT, RFC 7519) with the configured algorithm; for `palate token` and `doctor`. */
#ifndef PALATE_CLI_TOKEN_MINT_H
#define PALATE_CLI_TOKEN_MINT_H

#include "base/config.h"

#include <stdint.h>

struct token_claims {
    const char *client_id, *subject, *scope;
    int64_t issued_at, expires_at; /* Unix seconds */
};

/* The token, with iss and aud as configured; release with memory_free(). NULL after writing a sentence to
 * problem. */
char *token_mint(const struct config *config, const struct token_claims *claims, char *problem,
                 size_t problem_size) __attribute__((nonnull, warn_unused_result));

#endif
