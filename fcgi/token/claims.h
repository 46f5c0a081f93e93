/* Whether a token counts: our own by the configured key, a foreign provider's by one of its keys, and either
 * by having been verified before (remember_token.h). Makes no query: whether the client exists and may still
 * call is request/resolve_tenant.h. */
#ifndef PALATE_TOKEN_CLAIMS_H
#define PALATE_TOKEN_CLAIMS_H

#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct token_verifier;

/* What a token says about its bearer. */
struct claims {
    const char *client_id; /* the claim that names the API client: client_id, else sub */
    const char *subject;   /* sub, NULL when absent */
    const char *scopes;    /* separated by spaces, "" when absent */
    const char *issuer; /* of a foreign provider, by whose name for the client client_id then is; else NULL */
    int64_t issued_at;  /* iat, 0 when absent */
};

/* Loads the foreign providers that the configuration names, which must outlive the verifier. NULL after
 * writing a sentence to problem. */
struct token_verifier *token_verifier_create(const struct config *config, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* The files that foreign keys are read from, counted from 0; NULL: no more. */
const char *token_verifier_key_file(const struct token_verifier *verifier, size_t number)
    __attribute__((nonnull));

/* NULL is fine. */
void token_verifier_destroy(struct token_verifier *verifier);

/* Verifies a compact JWT at a time (Unix seconds). The claims' texts are in the arena or live as long as the
 * verifier. */
bool token_verify(struct token_verifier *verifier, struct arena *arena, const char *token, int64_t now,
                  struct claims *claims, struct error *error) __attribute__((nonnull, warn_unused_result));

/* The same by our own key alone, remembering nothing. */
bool token_verify_own(const struct config *config, struct arena *arena, const char *token, int64_t now,
                      struct claims *claims, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
