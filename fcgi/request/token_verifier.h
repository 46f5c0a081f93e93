/* Whether a token counts: our own by the configured key, a foreign provider's by one of its keys, and either
 * by having been verified before (remember_token.h). Makes no query: whether the client exists and may still
 * call is resolve_tenant.h. */
#ifndef PALATE_REQUEST_TOKEN_VERIFIER_H
#define PALATE_REQUEST_TOKEN_VERIFIER_H

#include "request/request.h"

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
