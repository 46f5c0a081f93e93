/* A JSON Web Key Set (RFC 7517): foreign bytes become public keys that tokens may be verified with.
 *
 * Only RSA keys of 2048 to 8192 bits and P-256 keys are taken; what else a set holds (keys for encryption,
 * for other algorithms, private ones, broken ones) is passed over, as RFC 7517, 5 wants it. A kid is only
 * ever compared. Where a set comes from is key_source.h. */
#ifndef PALATE_TOKEN_JWKS_H
#define PALATE_TOKEN_JWKS_H

#include "base/config.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

struct jwk {
    char *kid; /* NULL: has none */
    enum token_algorithm algorithm;
    EVP_PKEY *key; /* RSA, or EC on P-256 */
};

struct jwks {
    struct jwk *keys;
    size_t count;
};

/* The keys of a set in JSON; release with jwks_free(). NULL when it is no set or holds no fit key: *problem
 * says so, as a literal that fits behind "is". */
struct jwks *jwks_parse(const char *bytes, size_t length, const char **problem)
    __attribute__((nonnull, warn_unused_result));

/* NULL is fine. */
void jwks_free(struct jwks *set);

/* The key for an algorithm: that with the kid, or for a token without kid (NULL) the only one. NULL: none.
 * set may be NULL. */
const struct jwk *jwks_find(const struct jwks *set, const char *kid, enum token_algorithm algorithm)
    __attribute__((warn_unused_result));

#endif
