/* Our own public key for others; see public_jwk.h.
 *
 * A key's name is the thumbprint of RFC 7638: the hash of a JSON object that has only the members which make
 * the key, in the order of the alphabet and without white space. That object is written first; the key that
 * others get is the same object with more members behind. */
#include "token/public_jwk.h"

#include "base/json_write.h"
#include "base/memory.h"
#include "base/text.h"
#include "token/token_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

enum { P256_BYTES = 32 };

/* Writes a number of the key in base64url: of so many bytes, or as many as it has (0). */
static bool write_number(struct json_writer *out, const char *name, struct arena *arena, const EVP_PKEY *key,
                         const char *parameter, int size)
{
    BIGNUM *number = NULL;
    if (!EVP_PKEY_get_bn_param(key, parameter, &number))
        return false;
    int length = size ? size : BN_num_bytes(number);
    unsigned char *bytes = arena_alloc(arena, (size_t)length + 1, 1);
    char *text = arena_alloc(arena, (size_t)length * 4 / 3 + 4, 1);
    bool fits = BN_bn2binpad(number, bytes, length) == length;
    text_encode_base64url(bytes, (size_t)length, text);
    json_writer_text(out, name, text);
    BN_free(number);
    return fits;
}

/* The object whose hash is the key's name; NULL when the key cannot be had. */
static const char *write_thumbprint(const struct config *config, struct arena *arena)
{
    EVP_PKEY *key = token_key_public(config);
    if (!key)
        return NULL;
    struct json_writer *out = json_writer_create(arena);
    bool whole;
    json_writer_object(out, NULL);
    if (config->token_algorithm == TOKEN_RS256) {
        whole = write_number(out, "e", arena, key, OSSL_PKEY_PARAM_RSA_E, 0);
        json_writer_text(out, "kty", "RSA");
        whole = write_number(out, "n", arena, key, OSSL_PKEY_PARAM_RSA_N, 0) && whole;
    } else {
        json_writer_text(out, "crv", "P-256");
        json_writer_text(out, "kty", "EC");
        whole = write_number(out, "x", arena, key, OSSL_PKEY_PARAM_EC_PUB_X, P256_BYTES);
        whole = write_number(out, "y", arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, P256_BYTES) && whole;
    }
    json_writer_end(out);
    EVP_PKEY_free(key);
    return whole ? json_writer_result(out) : NULL;
}

static void name_key(const char *thumbprint, char kid[KEY_ID_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!EVP_Digest(thumbprint, strlen(thumbprint), digest, &length, EVP_sha256(), NULL))
        memory_exhausted();
    text_encode_base64url(digest, length, kid);
}

const char *public_jwk(const struct config *config, struct arena *arena)
{
    char kid[KEY_ID_SIZE];
    const char *thumbprint = write_thumbprint(config, arena);
    if (!thumbprint)
        return NULL;
    name_key(thumbprint, kid);
    struct json_writer *out = json_writer_create(arena);
    json_writer_object_from(out, NULL, thumbprint);
    json_writer_text(out, "kid", kid);
    json_writer_text(out, "use", "sig");
    json_writer_text(out, "alg", token_algorithm_name(config->token_algorithm));
    json_writer_end(out);
    return json_writer_result(out);
}

bool public_jwk_id(const struct config *config, char kid[KEY_ID_SIZE])
{
    struct arena *arena = arena_create();
    const char *thumbprint = write_thumbprint(config, arena);
    if (thumbprint)
        name_key(thumbprint, kid);
    arena_destroy(arena);
    return thumbprint;
}
