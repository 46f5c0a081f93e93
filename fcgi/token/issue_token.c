/* Makes signed tokens; see claims.h.
 *
 * By libjwt, which builds header and payload as JSON and signs them; what it would sign with what key is
 * decided here, from the configuration alone. The key is read for each token and wiped behind it: tokens are
 * made rarely, by POST /oauth2/token and the tool, and a private key that is not in memory cannot leak from
 * it. */
#include "token/claims.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/read_file.h"
#include "token/own_secrets.h"
#include "token/public_jwk.h"

#include <errno.h>
#include <jwt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEY_FILE_BYTES = 16384 };

/* Everything that verify and claims.c ask for, and jti, by which an operator finds one token among many. */
static bool add_claims(jwt_t *jwt, const struct config *config, const struct token_claims *claims)
{
    char id[UUID_TEXT_SIZE];
    random_uuid(id);
    return !jwt_add_grant(jwt, "client_id", claims->client_id) &&
           !jwt_add_grant(jwt, "sub", claims->subject) &&
           (!claims->is_person || !jwt_add_grant(jwt, CLAIM_SUBJECT_TYPE, SUBJECT_PERSON)) &&
           (!*claims->scope || !jwt_add_grant(jwt, "scope", claims->scope)) &&
           !jwt_add_grant_int(jwt, "iat", (long)claims->issued_at) &&
           !jwt_add_grant_int(jwt, "exp", (long)claims->expires_at) && !jwt_add_grant(jwt, "jti", id) &&
           (!*config->token_issuer || !jwt_add_grant(jwt, "iss", config->token_issuer)) &&
           (!*config->token_audience || !jwt_add_grant(jwt, "aud", config->token_audience));
}

static bool has_private_key(const struct config *config, char *problem, size_t problem_size)
{
    if (*config->token_private_key_file)
        return true;
    snprintf(problem, problem_size, "%s: [token] private_key_file is needed to make tokens with %s",
             config->path, token_algorithm_name(config->token_algorithm));
    return false;
}

/* The first secret of the file as it is now; where that cannot be read any more, as it was at the start. */
static char *load_secret(const struct config *config, size_t *length)
{
    char ignored[400];
    struct secret secrets[SECRETS_MAX];
    size_t size = 0;
    char *text =
        *config->token_secret_file ? own_secrets_read(config, &size, ignored, sizeof(ignored)) : NULL;
    if (!text) {
        size = config->token_key_length;
        text = memory_copy_bytes(config->token_key, size);
    }
    size_t count = own_secrets_split(text, size, secrets);
    *length = count ? secrets[0].length : 0;
    char *first = memory_copy_bytes(secrets[0].bytes, *length);
    OPENSSL_cleanse(text, size);
    memory_free(text);
    return first;
}

/* What signs: the shared secret, or the private key's PEM. */
static char *load_key(const struct config *config, size_t *length, char *problem, size_t problem_size)
{
    if (config->token_algorithm == TOKEN_HS256)
        return load_secret(config, length);
    if (!has_private_key(config, problem, problem_size))
        return NULL;
    return read_file(config->token_private_key_file, KEY_FILE_BYTES, length, problem, problem_size);
}

static char *sign_token(const struct config *config, const struct token_claims *claims, const char *key,
                        size_t length)
{
    static const jwt_alg_t algorithms[TOKEN_ALGORITHM__MAX] = {
        [TOKEN_HS256] = JWT_ALG_HS256, [TOKEN_RS256] = JWT_ALG_RS256, [TOKEN_ES256] = JWT_ALG_ES256};
    char kid[KEY_ID_SIZE], *token = NULL;
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt))
        memory_exhausted();
    if (add_claims(jwt, config, claims) &&
        !jwt_set_alg(jwt, algorithms[config->token_algorithm], (const unsigned char *)key, (int)length) &&
        (!public_jwk_id(config, kid) || !jwt_add_header(jwt, "kid", kid)))
        token = jwt_encode_str(jwt);
    jwt_free(jwt);
    return token;
}

char *issue_token(const struct config *config, const struct token_claims *claims, char *problem,
                  size_t problem_size)
{
    size_t length;
    char *key = load_key(config, &length, problem, problem_size);
    if (!key)
        return NULL;
    char *token = length ? sign_token(config, claims, key, length) : NULL;
    OPENSSL_cleanse(key, length);
    memory_free(key);
    if (!token)
        snprintf(problem, problem_size,
                 "cannot sign with %s: %s is no key for it (`palate doctor` looks closer)",
                 token_algorithm_name(config->token_algorithm),
                 config->token_algorithm == TOKEN_HS256 ? config->token_secret_file
                                                        : config->token_private_key_file);
    return token;
}

bool issue_token_is_ready(const struct config *config, char *problem, size_t problem_size)
{
    if (config->token_algorithm == TOKEN_HS256)
        return true;
    if (!has_private_key(config, problem, problem_size))
        return false;
    if (access(config->token_private_key_file, R_OK) == 0)
        return true;
    snprintf(problem, problem_size, "cannot read %s: %s", config->token_private_key_file, strerror(errno));
    return false;
}
