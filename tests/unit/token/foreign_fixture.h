/* For tests of foreign identity providers: their keys as JSON, their file, and tokens that they sign. */
#ifndef PALATE_TESTS_REQUEST_FOREIGN_FIXTURE_H
#define PALATE_TESTS_REQUEST_FOREIGN_FIXTURE_H

#include "../request/token_fixture.h"

#include <openssl/core_names.h>

FIXTURE const char *key_number(struct arena *arena, EVP_PKEY *key, const char *parameter, int size)
{
    BIGNUM *number = NULL;
    unsigned char bytes[1024];
    assert_int_equal(EVP_PKEY_get_bn_param(key, parameter, &number), 1);
    int length = size ? size : BN_num_bytes(number);
    assert_int_equal(BN_bn2binpad(number, bytes, length), length);
    BN_free(number);
    return base64url(arena, bytes, (size_t)length);
}

/* Its public half as a JWK, with more members behind it: ",\"kid\":\"a\"". */
FIXTURE const char *jwk_of(struct arena *arena, EVP_PKEY *key, const char *more)
{
    if (EVP_PKEY_base_id(key) == EVP_PKEY_RSA)
        return arena_format(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}",
                            key_number(arena, key, OSSL_PKEY_PARAM_RSA_N, 0),
                            key_number(arena, key, OSSL_PKEY_PARAM_RSA_E, 0), more);
    return arena_format(arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"%s}",
                        key_number(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, 32),
                        key_number(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, 32), more);
}

FIXTURE const char *foreign_token(struct arena *arena, EVP_PKEY *key, const char *header, const char *payload)
{
    const char *input = signing_input(arena, header, payload);
    return arena_format(arena, "%s.%s", input, key_signature(arena, key, input));
}

#endif
