/* Is the key fit for its algorithm? See token_key.h.
 *
 * Asked once, at the start, with a sentence that says what to do: a service that starts with a weak key would
 * run with it for years. For HS256 a PEM is refused, whichever it is: it is most likely the public key of a
 * change from RS256, which everybody may have. */
#include "token/token_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

EVP_PKEY *token_key_public(const struct config *config)
{
    if (config->token_algorithm == TOKEN_HS256)
        return NULL;
    BIO *bio = BIO_new_mem_buf(config->token_key, (int)config->token_key_length);
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return key;
}

static bool is_p256(EVP_PKEY *key)
{
    char group[40] = "";
    size_t length = 0;
    return EVP_PKEY_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &length) && !strcmp(group, "prime256v1");
}

static bool check_public_key(const struct config *config, char *problem, size_t problem_size)
{
    EVP_PKEY *key = token_key_public(config);
    const char *wrong = NULL;
    if (!key)
        wrong = "is no public key in PEM (-----BEGIN PUBLIC KEY-----)";
    else if (config->token_algorithm == TOKEN_ES256 && !is_p256(key))
        wrong = "is no P-256 key, which ES256 needs";
    else if (config->token_algorithm == TOKEN_RS256 && EVP_PKEY_base_id(key) != EVP_PKEY_RSA)
        wrong = "is no RSA key, which RS256 needs";
    else if (config->token_algorithm == TOKEN_RS256 && EVP_PKEY_bits(key) < TOKEN_RSA_BITS_MIN)
        wrong = "is an RSA key of less than 2048 bits; make a longer one";
    EVP_PKEY_free(key);
    if (wrong)
        snprintf(problem, problem_size, "%s %s", config->token_public_key_file, wrong);
    return !wrong;
}

bool token_key_check(const struct config *config, char *problem, size_t problem_size)
{
    if (config->token_algorithm != TOKEN_HS256)
        return check_public_key(config, problem, problem_size);
    const char *wrong = NULL;
    if (config->token_key_length < TOKEN_SECRET_BYTES_MIN)
        wrong = "is shorter than 32 bytes; make one with `openssl rand -hex 32`";
    else if (memmem(config->token_key, config->token_key_length, "-----BEGIN", 10))
        wrong = "is a PEM key, which everybody may know; HS256 needs a random secret";
    if (wrong)
        snprintf(problem, problem_size, "%s %s", config->token_secret_file, wrong);
    return !wrong;
}
