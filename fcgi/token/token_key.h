/* The key that tokens are checked with: is it fit for its algorithm?
 *
 * libjwt would take an RSA key of 512 bits, a public key as an HMAC secret, or none at all; so a key is
 * looked at once, when the configuration is loaded, and refused there: token_key_check(), claims.h. */
#ifndef PALATE_TOKEN_TOKEN_KEY_H
#define PALATE_TOKEN_TOKEN_KEY_H

#include "token/claims.h"

#include <openssl/types.h>

enum { TOKEN_SECRET_BYTES_MIN = 32, TOKEN_RSA_BITS_MIN = 2048 };

/* The configured public key, parsed: release with EVP_PKEY_free(). NULL for HS256, and for what is no public
 * key in PEM. */
EVP_PKEY *token_key_public(const struct config *config) __attribute__((nonnull, warn_unused_result));

#endif
