/* Verification of a token against one key: algorithm, type, signature, times.
 *
 * The header must name the key's own algorithm first, whatever else it says; libjwt 1.10 would take the
 * algorithm from the token, verify nothing without a key, and check no claims. Whose key it is, and what the
 * claims say about client and scopes, is decided elsewhere. */
#ifndef PALATE_TOKEN_VERIFY_TOKEN_H
#define PALATE_TOKEN_VERIFY_TOKEN_H

#include "token/claims.h"
#include "token/read_token.h"

#include <openssl/types.h>

/* What the header must be: alg that of the key, no crit, typ absent or JWT; a foreign provider may also use
 * at+jwt (RFC 9068). */
bool verify_header(struct json_object *header, enum token_algorithm algorithm, bool foreign,
                   struct error *error) __attribute__((nonnull, warn_unused_result));

/* HS256: the signature is the MAC by the secret, which must not be empty. By libjwt. */
bool verify_mac(const char *secret, size_t length, const struct token *token, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* RS256 by an RSA key, ES256 by one on P-256. By libcrypto, with a key that was parsed once: libjwt would
 * read it from PEM each time, and refuses the at+jwt of others. */
bool verify_signature(EVP_PKEY *key, enum token_algorithm algorithm, const struct token *token,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

/* The times of a token that may be kept: exp, and nbf or INT64_MIN. */
struct token_times {
    int64_t expires, not_before;
};

bool verify_read_times(struct json_object *claims, struct token_times *times, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Whether the token counts at that moment (Unix seconds). ERROR_EXPIRED_TOKEN, else as the others. */
bool verify_times(const struct token_times *times, int64_t now, int64_t leeway, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
