/* The key that tokens are checked with: is it fit for its algorithm?
 *
 * libjwt would take an RSA key of 512 bits, a public key as an HMAC secret, or none at all; so a key is
 * looked at once, when the configuration is loaded, and refused there. */
#ifndef PALATE_TOKEN_TOKEN_KEY_H
#define PALATE_TOKEN_TOKEN_KEY_H

#include "base/config.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

enum { TOKEN_SECRET_BYTES_MIN = 32, TOKEN_RSA_BITS_MIN = 2048 };

/* HS256: at least 32 bytes that are no PEM; RS256: an RSA public key of at least 2048 bits; ES256: a P-256
 * public key. On failure writes a sentence that says how to mend it. */
bool token_key_check(const struct config *config, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* The configured public key, parsed: release with EVP_PKEY_free(). NULL for HS256, and for what is no public
 * key in PEM. */
EVP_PKEY *token_key_public(const struct config *config) __attribute__((nonnull, warn_unused_result));

#endif
