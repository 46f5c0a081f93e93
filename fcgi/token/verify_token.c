/* A token against one key; see verify_token.h.
 *
 * Each function answers one question and refuses by itself, so a caller joins them with && in the order of
 * RFC 7519, 7.2. Whatever is wrong, the client learns only that the token is invalid or has expired; the log
 * says which.
 *
 * ES256 needs a translation: a JWS signature is the two numbers r and s side by side, 32 bytes each (RFC
 * 7518, 3.4), and libcrypto takes them as a DER sequence. RS256 is PKCS #1 v1.5 with SHA-256, which is what
 * libcrypto does for an RSA key by default. HS256 goes through libjwt, whose comparison takes the same time
 * wherever the MACs differ. */
#include "token/verify_token.h"

#include "base/memory.h"

#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

enum { P256_BYTES = 32 };

bool token_refuse(struct error *error, const char *why)
{
    error_set(error, ERROR_INVALID_TOKEN, "The access token is missing or invalid");
    return error_detail(error, "token: %s", why);
}

static bool is_token_type(const char *type, bool foreign)
{
    if (!strcasecmp(type, "JWT"))
        return true;
    return foreign && (!strcasecmp(type, "at+jwt") || !strcasecmp(type, "application/at+jwt"));
}

bool verify_header(struct json_object *header, enum token_algorithm algorithm, bool foreign,
                   struct error *error)
{
    const char *name = token_text(header, "alg");
    const char *type = token_text(header, "typ");
    if (!name || strcmp(name, token_algorithm_name(algorithm)))
        return token_refuse(error, "alg is not the configured one");
    if (json_object_object_get_ex(header, "typ", NULL) && (!type || !is_token_type(type, foreign)))
        return token_refuse(error, "typ is not JWT");
    if (json_object_object_get_ex(header, "crit", NULL))
        return token_refuse(error, "crit is not understood");
    return true;
}

bool verify_mac(const char *secret, size_t length, const struct token *token, struct error *error)
{
    jwt_t *jwt = NULL;
    if (length == 0)
        return token_refuse(error, "no key is configured");
    int code = jwt_decode(&jwt, token->text, (const unsigned char *)secret, (int)length);
    bool verified = code == 0 && jwt_get_alg(jwt) == JWT_ALG_HS256;
    jwt_free(jwt);
    return verified || token_refuse(error, "signature does not fit");
}

/* The two numbers of JWS (RFC 7518, 3.4) as libcrypto wants them, in *der, to be freed with
 * OPENSSL_free(); its length, 0 for what is no such pair. */
static size_t encode_der(const unsigned char *signature, size_t length, unsigned char **der)
{
    if (length != (size_t)2 * P256_BYTES)
        return 0;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, P256_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(signature + P256_BYTES, P256_BYTES, NULL);
    if (!pair || !r || !s || !ECDSA_SIG_set0(pair, r, s))
        memory_exhausted();
    int size = i2d_ECDSA_SIG(pair, der);
    ECDSA_SIG_free(pair);
    return size > 0 ? (size_t)size : 0;
}

/* SHA-256 in both cases; what kind of signature it is, the key says. */
static bool signature_fits(EVP_PKEY *key, const struct token *token, const unsigned char *signature,
                           size_t length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context)
        memory_exhausted();
    bool fit = length && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestVerify(context, signature, length, (const unsigned char *)token->text,
                                token->signed_length) == 1;
    EVP_MD_CTX_free(context);
    return fit;
}

bool verify_signature(EVP_PKEY *key, enum token_algorithm algorithm, const struct token *token,
                      struct error *error)
{
    unsigned char *der = NULL;
    bool fit;
    if (algorithm == TOKEN_ES256) {
        size_t length = encode_der(token->signature, token->signature_length, &der);
        fit = signature_fits(key, token, der, length);
        OPENSSL_free(der);
    } else {
        fit =
            algorithm == TOKEN_RS256 && signature_fits(key, token, token->signature, token->signature_length);
    }
    return fit || token_refuse(error, "signature does not fit");
}

bool verify_read_times(struct json_object *claims, struct token_times *times, struct error *error)
{
    bool has_expires, has_not_before;
    if (!token_time(claims, "exp", false, &times->expires, &has_expires) || !has_expires)
        return token_refuse(error, "exp is missing or no number of seconds");
    if (!token_time(claims, "nbf", true, &times->not_before, &has_not_before))
        return token_refuse(error, "nbf is no number of seconds");
    times->not_before = has_not_before ? times->not_before : INT64_MIN;
    return true;
}

bool verify_times(const struct token_times *times, int64_t now, int64_t leeway, struct error *error)
{
    if (times->expires <= now - leeway) {
        error_set(error, ERROR_EXPIRED_TOKEN, "The access token has expired");
        return error_detail(error, "token: expired");
    }
    if (times->not_before > now + leeway)
        return token_refuse(error, "nbf lies ahead");
    return true;
}
