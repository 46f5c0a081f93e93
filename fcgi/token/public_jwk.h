/* The public key of our own tokens as a JSON Web Key (RFC 7517), and its name: the thumbprint of RFC 7638. */
#ifndef PALATE_TOKEN_PUBLIC_JWK_H
#define PALATE_TOKEN_PUBLIC_JWK_H

#include "base/arena.h"
#include "base/config.h"

#include <stdbool.h>

enum { KEY_ID_SIZE = 44 };

/* The key that the configuration verifies with, as JSON text in the arena: {kty, ..., kid, use, alg}. NULL
 * for HS256, whose key is a secret, and for a key that cannot be read (token_key.h says why). */
const char *public_jwk(const struct config *config, struct arena *arena)
    __attribute__((nonnull, warn_unused_result));

/* Its kid: SHA-256 in base64url. False where there is no such key. */
bool public_jwk_id(const struct config *config, char kid[KEY_ID_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
