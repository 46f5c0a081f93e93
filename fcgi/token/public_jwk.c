/* Our own public key for others; see public_jwk.h. */
#include "token/public_jwk.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "token/token_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

enum { P256_BYTES = 32 };

/* Adds a number of the key in base64url: of so many bytes, or as many as it has (0). */
static bool add_number(struct json_object *object, const char *name, const EVP_PKEY *key,
                       const char *parameter, int size)
{
    BIGNUM *number = NULL;
    if (!EVP_PKEY_get_bn_param(key, parameter, &number))
        return false;
    int length = size ? size : BN_num_bytes(number);
    unsigned char *bytes = memory_alloc((size_t)length + 1, 1);
    char *text = memory_alloc((size_t)length * 4 / 3 + 4, 1);
    bool fits = BN_bn2binpad(number, bytes, length) == length;
    text_encode_base64url(bytes, (size_t)length, text);
    if (fits)
        json_add_text(object, name, text);
    memory_free(text);
    memory_free(bytes);
    BN_free(number);
    return fits;
}

/* Exactly the members of the thumbprint, in its order: that of the alphabet (RFC 7638, 3.2). */
static bool add_members(struct json_object *object, const EVP_PKEY *key, enum token_algorithm algorithm)
{
    if (algorithm == TOKEN_RS256) {
        bool done = add_number(object, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
        json_add_text(object, "kty", "RSA");
        return done && add_number(object, "n", key, OSSL_PKEY_PARAM_RSA_N, 0);
    }
    json_add_text(object, "crv", "P-256");
    json_add_text(object, "kty", "EC");
    return add_number(object, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, P256_BYTES) &&
           add_number(object, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, P256_BYTES);
}

static void add_name(struct json_object *object)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char kid[KEY_ID_SIZE];
    const char *text = json_text(object);
    unsigned length = 0;
    if (!EVP_Digest(text, strlen(text), digest, &length, EVP_sha256(), NULL))
        memory_exhausted();
    text_encode_base64url(digest, length, kid);
    json_add_text(object, "kid", kid);
}

struct json_object *public_jwk(const struct config *config)
{
    EVP_PKEY *key = token_key_public(config);
    if (!key)
        return NULL;
    struct json_object *object = json_object_new_object();
    bool whole = add_members(object, key, config->token_algorithm);
    EVP_PKEY_free(key);
    if (!whole) {
        json_object_put(object);
        return NULL;
    }
    add_name(object);
    json_add_text(object, "use", "sig");
    json_add_text(object, "alg", token_algorithm_name(config->token_algorithm));
    return object;
}

bool public_jwk_id(const struct config *config, char kid[KEY_ID_SIZE])
{
    struct json_object *object = public_jwk(config);
    const char *text = object ? json_object_get_string(json_member(object, "kid")) : NULL;
    if (text)
        memcpy(kid, text, KEY_ID_SIZE);
    json_object_put(object);
    return text;
}
