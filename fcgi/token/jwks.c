/* Key sets in JSON; see jwks.h.
 *
 * The problem: the bytes come from another host, and what is made of them decides who may call. So a key is
 * taken only if it is of one of the two kinds that are verified here, says nothing against being used for it
 * (use, key_ops, alg), holds no private part (then everybody may have it), and is strong: RSA with an odd
 * modulus of 2048 to 8192 bits (less can be factored, more costs milliseconds a verification) and an odd
 * exponent that is not 1 (with 1 every text is its own signature); EC on P-256 with a point that lies on the
 * curve, which libcrypto checks when the key is made.
 *
 * Numbers are base64url of big-endian bytes (RFC 7518, 6.2 and 6.3). What does not fit is passed over, not an
 * error: a set may hold keys for other uses, and RFC 7517, 5 says to ignore them. A set without any fit key
 * is an error.
 *
 * A set has at most LIMIT_JWKS_KEYS keys and is searched from its beginning. A
 * token without kid is verified only where there is but one key of its algorithm: trying all of them would
 * let a token choose. */
#include "token/jwks.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "token/read_token.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

enum {
    RSA_BITS_MIN = 2048,
    RSA_BITS_MAX = 8192, /* a verification with more costs milliseconds */
    EXPONENT_BYTES_MAX = 4,
    P256_BYTES = 32,
    NUMBER_BYTES_MAX = RSA_BITS_MAX / 8,
};

struct number {
    unsigned char bytes[NUMBER_BYTES_MAX + 4];
    size_t length;
};

/* A member that is a number in base64url of at most that many bytes. */
static bool read_number(struct json_object *key, const char *name, size_t maximum, struct number *number)
{
    const char *text = token_text(key, name);
    size_t length = text ? strlen(text) : 0;
    return length && length <= (maximum * 4 + 2) / 3 &&
           text_decode_base64url(text, length, number->bytes, &number->length) && number->length <= maximum;
}

/* The way of OpenSSL 3 to make a key from its numbers; NULL: libcrypto does not take them for a key. */
static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !context)
        memory_exhausted();
    if (EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

static EVP_PKEY *read_rsa(struct json_object *object)
{
    struct number modulus, exponent;
    EVP_PKEY *key = NULL;
    if (!read_number(object, "n", NUMBER_BYTES_MAX, &modulus) ||
        !read_number(object, "e", EXPONENT_BYTES_MAX, &exponent))
        return NULL;
    BIGNUM *n = BN_bin2bn(modulus.bytes, (int)modulus.length, NULL);
    BIGNUM *e = BN_bin2bn(exponent.bytes, (int)exponent.length, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (!n || !e || !build)
        memory_exhausted();
    /* With the exponent 1 every text is its own signature. */
    bool fit = BN_num_bits(n) >= RSA_BITS_MIN && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e);
    if (fit && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
        key = make_key("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return key;
}

static EVP_PKEY *read_p256(struct json_object *object)
{
    const char *curve = token_text(object, "crv");
    struct number x, y;
    unsigned char point[1 + 2 * P256_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
    EVP_PKEY *key = NULL;
    if (!curve || strcmp(curve, "P-256") || !read_number(object, "x", P256_BYTES, &x) ||
        !read_number(object, "y", P256_BYTES, &y) || x.length != P256_BYTES || y.length != P256_BYTES)
        return NULL;
    memcpy(point + 1, x.bytes, P256_BYTES);
    memcpy(point + 1 + P256_BYTES, y.bytes, P256_BYTES);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (!build)
        memory_exhausted();
    /* A point that is not on the curve is refused there. */
    if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)))
        key = make_key("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

/* A member that is absent or says exactly that. */
static bool may_be(struct json_object *object, const char *name, const char *wanted)
{
    const char *text = token_text(object, name);
    return !json_member(object, name) || (text && !strcmp(text, wanted));
}

/* A private part ("d") means that the key has been published by mistake, and whoever has it can sign. */
static bool may_verify(struct json_object *object)
{
    struct json_object *uses = json_member(object, "key_ops");
    if (json_member(object, "d") || !may_be(object, "use", "sig"))
        return false;
    if (!uses)
        return true;
    for (size_t i = 0; json_object_is_type(uses, json_type_array) && i < json_object_array_length(uses);
         i++) {
        struct json_object *use = json_object_array_get_idx(uses, i);
        if (json_object_is_type(use, json_type_string) && !strcmp(json_object_get_string(use), "verify"))
            return true;
    }
    return false;
}

static bool read_key(struct json_object *object, struct jwk *jwk)
{
    const char *type = token_text(object, "kty"), *kid = token_text(object, "kid");
    if (!type || (json_member(object, "kid") && !kid) || !may_verify(object))
        return false;
    if (!strcmp(type, "RSA") && may_be(object, "alg", "RS256")) {
        jwk->algorithm = TOKEN_RS256;
        jwk->key = read_rsa(object);
    } else if (!strcmp(type, "EC") && may_be(object, "alg", "ES256")) {
        jwk->algorithm = TOKEN_ES256;
        jwk->key = read_p256(object);
    }
    if (jwk->key && kid)
        jwk->kid = memory_copy_text(kid);
    return jwk->key;
}

static struct jwks *read_set(struct json_object *value, const char **problem)
{
    struct json_object *list = json_member(value, "keys");
    *problem = "no JSON object with a list of keys";
    if (!json_object_is_type(list, json_type_array))
        return NULL;
    struct jwks *set = memory_alloc(1, sizeof(*set));
    set->keys = memory_alloc(LIMIT_JWKS_KEYS, sizeof(*set->keys));
    for (size_t i = 0; i < json_object_array_length(list) && set->count < LIMIT_JWKS_KEYS; i++) {
        struct json_object *object = json_object_array_get_idx(list, i);
        if (json_object_is_type(object, json_type_object))
            set->count += read_key(object, &set->keys[set->count]);
    }
    if (set->count)
        return set;
    *problem = "a list without any key for RS256 (RSA of 2048 to 8192 bits) or ES256 (P-256)";
    jwks_free(set);
    return NULL;
}

struct jwks *jwks_parse(const char *bytes, size_t length, const char **problem)
{
    struct json_object *value = NULL;
    if (!json_parse(bytes, length, &value, problem))
        return NULL;
    struct jwks *set = NULL;
    *problem = "no JSON object with a list of keys";
    if (json_object_is_type(value, json_type_object))
        set = read_set(value, problem);
    json_object_put(value);
    return set;
}

void jwks_free(struct jwks *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++) {
        memory_free(set->keys[i].kid);
        EVP_PKEY_free(set->keys[i].key);
    }
    memory_free(set->keys);
    memory_free(set);
}

const struct jwk *jwks_find(const struct jwks *set, const char *kid, enum token_algorithm algorithm)
{
    const struct jwk *found = NULL;
    for (size_t i = 0; set && i < set->count; i++) {
        const struct jwk *key = &set->keys[i];
        if (key->algorithm != algorithm)
            continue;
        if (kid && key->kid && !strcmp(kid, key->kid))
            return key;
        if (!kid && found)
            return NULL;
        found = kid ? NULL : key;
    }
    return found;
}
