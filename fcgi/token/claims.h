/* The face of this room: whether a token counts, and making our own.
 *
 * Our own tokens count by the configured key, a foreign provider's by one of its keys, and either by having
 * been verified before (remember_token.h). Makes no query: whether the client exists and may still call is
 * request/resolve_tenant.h. The other headers of token/ are its own affair, but for client_secret.h,
 * public_jwk.h, and issuers.h for the tool. */
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
    const char *subject;   /* sub, NULL when absent; never with is_person */
    bool is_person;        /* the subject is an end user, and the token is for that one alone */
    bool is_client;        /* the subject is said to be none: a client's own */
    const char *scopes;    /* separated by spaces, "" when absent */
    const char *issuer; /* of a foreign provider, by whose name for the client client_id then is; else NULL */
    int64_t issued_at;  /* iat, 0 when absent */
};

/* Whether the configured key is fit for its algorithm: HS256: at least 32 bytes that are no PEM; RS256: an
 * RSA public key of at least 2048 bits; ES256: a P-256 public key. On failure writes a sentence that says
 * what to do. */
bool token_key_check(const struct config *config, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

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

/* Every refusal looks the same from outside (ERROR_INVALID_TOKEN); only the log says which it was. Returns
 * false. */
bool token_refuse(struct error *error, const char *why) __attribute__((nonnull));

/* The claim by which a token of ours is for a person, and its one value. */
#define CLAIM_SUBJECT_TYPE "palate_subject"
#define SUBJECT_PERSON     "person"

/* What a token of ours shall say; whether a client may have it is for the caller to know. */
struct token_claims {
    const char *client_id, *subject, *scope;
    bool is_person;                /* for the subject alone, who is an end user */
    int64_t issued_at, expires_at; /* Unix seconds */
};

/* Makes a signed token (JWT, RFC 7519) with the configured algorithm, with jti, and kid, iss and aud as
 * configured; release with memory_free(). NULL after writing a sentence to problem, which names files: for
 * the log and the operator. */
char *issue_token(const struct config *config, const struct token_claims *claims, char *problem,
                  size_t problem_size) __attribute__((nonnull, warn_unused_result));

/* Whether this process could: it may read the key that signs. False after writing a sentence to problem. */
bool issue_token_is_ready(const struct config *config, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

#endif
