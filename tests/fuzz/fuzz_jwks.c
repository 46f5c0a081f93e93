/* Fuzzes key sets with the function that workers use. What must hold: only keys of the two kinds, of a fit
 * size, and no more than the limit.
 *
 * Covers: fcgi/token/jwks.c */
#include "fixture.h"

#include "token/jwks.h"

#include <openssl/evp.h>

static void check_key(const struct jwks *set, const struct jwk *jwk)
{
    bool is_rsa = EVP_PKEY_base_id(jwk->key) == EVP_PKEY_RSA;
    must(jwk->algorithm == (is_rsa ? TOKEN_RS256 : TOKEN_ES256), "another kind of key");
    must(EVP_PKEY_bits(jwk->key) >= (is_rsa ? 2048 : 256) && EVP_PKEY_bits(jwk->key) <= 8192, "its size");
    if (jwk->kid)
        must(jwks_find(set, jwk->kid, jwk->algorithm), "a key that cannot be found");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *problem = NULL;
    struct jwks *set = jwks_parse((const char *)data, size, &problem);
    must(set || problem, "refused without a word");
    must(!set || (set->count && set->count <= LIMIT_JWKS_KEYS), "number of keys");
    for (size_t i = 0; set && i < set->count; i++)
        check_key(set, &set->keys[i]);
    jwks_free(set);
    return 0;
}
