/* Our own and foreign tokens; see claims.h.
 *
 * A token is verified in the order: length, form, whose it claims to be (iss chooses between our key and a
 * provider's), header, signature, times, audience, and last what it says of client and scopes. Nothing that a
 * token says is believed before its signature has been checked, but for iss and kid, which only choose the
 * key that the signature must then fit. The algorithm is the key's, never the token's: else a public key
 * could be used as the secret of an HMAC (RFC 8725, 2.1 and 3.1).
 *
 * A verification by a public key costs tens of microseconds of processor time and more, and clients use a
 * token for an hour. So what was proven is remembered (remember_token.h) by the hash of the whole token;
 * times are checked again at each use, and a provider's keys by their generation, so that a key that was
 * withdrawn takes its tokens with it. */
#include "token/claims.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "token/issuer_claims.h"
#include "token/issuers.h"
#include "token/own_secrets.h"
#include "token/remember_token.h"
#include "token/token_key.h"
#include "token/verify_token.h"

#include <openssl/evp.h>
#include <string.h>

struct token_verifier {
    const struct config *config;
    EVP_PKEY *own_key; /* NULL: HS256 */
    struct own_secrets *own_secrets;
    struct issuers *issuers;
    struct remembered_tokens *remembered;
};

struct token_verifier *token_verifier_create(const struct config *config, char *problem, size_t problem_size)
{
    struct issuers *issuers = issuers_load(config, problem, problem_size);
    if (!issuers)
        return NULL;
    struct token_verifier *verifier = memory_alloc(1, sizeof(*verifier));
    *verifier = (struct token_verifier){.config = config,
                                        .own_key = token_key_public(config),
                                        .own_secrets = own_secrets_create(config),
                                        .issuers = issuers,
                                        .remembered = remembered_tokens_create()};
    return verifier;
}

const char *token_verifier_key_file(const struct token_verifier *verifier, size_t number)
{
    for (size_t i = 0; i < verifier->issuers->count; i++) {
        const char *file = key_source_file(verifier->issuers->list[i].keys);
        if (file && number-- == 0)
            return file;
    }
    return NULL;
}

void token_verifier_destroy(struct token_verifier *verifier)
{
    if (!verifier)
        return;
    remembered_tokens_destroy(verifier->remembered);
    issuers_free(verifier->issuers);
    EVP_PKEY_free(verifier->own_key);
    own_secrets_destroy(verifier->own_secrets);
    memory_free(verifier);
}

/* aud is a text or a list of texts (RFC 7519, 4.1.3). */
static bool names_audience(struct json_object *audience, const char *wanted)
{
    if (json_object_is_type(audience, json_type_string))
        return !strcmp(json_object_get_string(audience), wanted);
    if (!json_object_is_type(audience, json_type_array))
        return false;
    for (size_t i = 0; i < json_object_array_length(audience); i++) {
        struct json_object *entry = json_object_array_get_idx(audience, i);
        if (json_object_is_type(entry, json_type_string) && !strcmp(json_object_get_string(entry), wanted))
            return true;
    }
    return false;
}

static bool check_parties(const struct config *config, struct json_object *claims, struct error *error)
{
    const char *issuer = token_text(claims, "iss");
    if (*config->token_issuer && (!issuer || strcmp(issuer, config->token_issuer)))
        return token_refuse(error, "iss is not the configured one");
    if (*config->token_audience && !names_audience(json_member(claims, "aud"), config->token_audience))
        return token_refuse(error, "aud does not name the configured one");
    return true;
}

/* scope as text separated by spaces, or as a list of texts. */
static const char *read_scopes(struct arena *arena, struct json_object *claims)
{
    struct json_object *scope = json_member(claims, "scope");
    const char *scopes = "";
    if (json_object_is_type(scope, json_type_string))
        return json_object_get_string(scope);
    if (!json_object_is_type(scope, json_type_array))
        return scopes;
    for (size_t i = 0; i < json_object_array_length(scope); i++) {
        struct json_object *entry = json_object_array_get_idx(scope, i);
        if (json_object_is_type(entry, json_type_string))
            scopes = arena_format(arena, "%s %s", scopes, json_object_get_string(entry));
    }
    return scopes;
}

/* What may go to the database and to the log as the name of a client. */
static bool is_id(const char *text)
{
    return *text && text_count_characters(text) <= LIMIT_ID_CHARACTERS &&
           !text_has_control(text, strlen(text));
}

/* palate_subject says whose a token of ours is, since sub alone does not: shops put all kinds of names there. */
static bool read_subject_type(struct json_object *payload, struct claims *claims, struct error *error)
{
    const char *type = token_text(payload, CLAIM_SUBJECT_TYPE);
    claims->is_person = type && !strcmp(type, SUBJECT_PERSON);
    if (json_member(payload, CLAIM_SUBJECT_TYPE) && !claims->is_person)
        return token_refuse(error, CLAIM_SUBJECT_TYPE " is not \"" SUBJECT_PERSON "\"");
    return !claims->is_person || claims->subject || token_refuse(error, "it is for a person, without a sub");
}

static bool read_own_claims(struct arena *arena, struct json_object *payload, struct claims *claims,
                            struct error *error)
{
    const char *client = token_text(payload, "client_id");
    bool has_issued;
    claims->issuer = NULL;
    claims->subject = token_text(payload, "sub");
    claims->client_id = json_member(payload, "client_id") ? client : claims->subject;
    claims->scopes = read_scopes(arena, payload);
    if (!token_time(payload, "iat", false, &claims->issued_at, &has_issued))
        claims->issued_at = 0;
    if (!claims->client_id || !is_id(claims->client_id))
        return token_refuse(error, "neither client_id nor sub names a client");
    if (claims->subject && !is_id(claims->subject))
        return token_refuse(error, "sub is empty, too long or has control characters");
    claims->is_client = claims->subject && !strcmp(claims->subject, claims->client_id);
    return read_subject_type(payload, claims, error);
}

/* What our own tokens are verified with. */
struct own_keys {
    EVP_PKEY *public_key; /* NULL for HS256, and where there is none for its algorithm */
    const struct secret *secrets;
    size_t secret_count; /* 0 but for HS256 */
};

static bool verify_own_signature(const struct config *config, const struct own_keys *keys,
                                 const struct token *token, struct error *error)
{
    for (size_t i = 0; i < keys->secret_count; i++) {
        struct error ignored = {0};
        if (verify_mac(keys->secrets[i].bytes, keys->secrets[i].length, token, &ignored))
            return true;
    }
    if (config->token_algorithm == TOKEN_HS256)
        return token_refuse(error, "signature does not fit");
    return keys->public_key ? verify_signature(keys->public_key, config->token_algorithm, token, error)
                            : token_refuse(error, "no key is configured");
}

/* Fills claims and times of *proven. */
static bool prove_own(const struct config *config, const struct own_keys *keys, struct arena *arena,
                      const struct token *token, int64_t now, struct remembered *proven, struct error *error)
{
    return verify_header(token->header, config->token_algorithm, false, error) &&
           verify_own_signature(config, keys, token, error) &&
           verify_read_times(token->claims, &proven->times, error) &&
           verify_times(&proven->times, now, config->token_leeway, error) &&
           check_parties(config, token->claims, error) &&
           read_own_claims(arena, token->claims, &proven->claims, error);
}

/* The issuer's algorithm that the header names; TOKEN_ALGORITHM__MAX: none. */
static enum token_algorithm foreign_algorithm(const struct issuer *issuer, struct json_object *header)
{
    const char *name = token_text(header, "alg");
    enum token_algorithm algorithm = TOKEN_HS256;
    while (algorithm < TOKEN_ALGORITHM__MAX &&
           !(issuer->algorithms[algorithm] && name && !strcmp(name, token_algorithm_name(algorithm))))
        algorithm++;
    return algorithm;
}

/* Nothing of a token but its alg and kid chooses the key, and kid only among the issuer's own. */
static bool prove_foreign(const struct config *config, struct arena *arena, const struct token *token,
                          int64_t now, struct remembered *proven, struct error *error)
{
    const struct issuer *issuer = proven->issuer;
    enum token_algorithm algorithm = foreign_algorithm(issuer, token->header);
    const char *kid = token_text(token->header, "kid");
    if (algorithm == TOKEN_ALGORITHM__MAX)
        return token_refuse(error, "alg is none of its issuer's");
    if (json_object_object_get_ex(token->header, "kid", NULL) && !kid)
        return token_refuse(error, "kid is no text");
    if (!verify_header(token->header, algorithm, true, error))
        return false;
    const struct jwk *jwk = key_source_find(issuer->keys, kid, algorithm, now);
    if (!jwk)
        return token_refuse(error, "its issuer has no such key");
    return verify_signature(jwk->key, algorithm, token, error) &&
           verify_read_times(token->claims, &proven->times, error) &&
           verify_times(&proven->times, now, config->token_leeway, error) &&
           issuer_read_claims(issuer, arena, token->claims, &proven->claims, error);
}

static bool parse_token(struct arena *arena, const char *text, struct token *token, struct error *error)
{
    const char *why;
    return token_read(arena, text, token, &why) || token_refuse(error, why);
}

bool token_verify_own(const struct config *config, struct arena *arena, const char *text, int64_t now,
                      struct claims *claims, struct error *error)
{
    struct remembered proven = {0};
    struct token token;
    if (strlen(text) > LIMIT_TOKEN_BYTES)
        return token_refuse(error, "too long");
    struct secret secrets[SECRETS_MAX];
    struct own_keys keys = {.public_key = token_key_public(config), .secrets = secrets};
    if (config->token_algorithm == TOKEN_HS256)
        keys.secret_count = own_secrets_split(config->token_key, config->token_key_length, secrets);
    bool good = parse_token(arena, text, &token, error) &&
                prove_own(config, &keys, arena, &token, now, &proven, error);
    EVP_PKEY_free(keys.public_key);
    *claims = proven.claims;
    return good;
}

static bool prove_own_now(struct token_verifier *verifier, struct arena *arena, const struct token *token,
                          int64_t now, struct remembered *proven, struct error *error)
{
    struct own_keys keys = {.public_key = verifier->own_key};
    keys.secrets = own_secrets_list(verifier->own_secrets, &keys.secret_count);
    proven->generation = own_secrets_generation(verifier->own_secrets);
    return prove_own(verifier->config, &keys, arena, token, now, proven, error);
}

/* What fits none of our secrets may be signed with one that this worker has not seen yet. */
static bool prove_own_token(struct token_verifier *verifier, struct arena *arena, const struct token *token,
                            int64_t now, struct remembered *proven, struct error *error)
{
    struct error first = {0};
    if (prove_own_now(verifier, arena, token, now, proven, &first))
        return true;
    if (own_secrets_refresh(verifier->own_secrets, clock_monotonic_us(), true))
        return prove_own_now(verifier, arena, token, now, proven, error);
    *error = first;
    return false;
}

/* The token's own word for who issued it chooses the keys that it must then stand up to. */
static bool prove_token(struct token_verifier *verifier, struct arena *arena, const char *text, int64_t now,
                        struct remembered *proven, struct error *error)
{
    struct token token;
    if (!parse_token(arena, text, &token, error))
        return false;
    const char *name = token_text(token.claims, "iss");
    proven->issuer = name ? issuers_find(verifier->issuers, name) : NULL;
    if (!proven->issuer)
        return prove_own_token(verifier, arena, &token, now, proven, error);
    /* Taken first: should the keys change in between, the token is verified once more than needed. */
    proven->generation = key_source_generation(proven->issuer->keys, now);
    return prove_foreign(verifier->config, arena, &token, now, proven, error);
}

/* Whether what proved the token then proves it now: our own secrets, as a provider's set of keys, have a new
 * generation whenever one was added or withdrawn. */
static bool still_proven(const struct token_verifier *verifier, const struct remembered *known, int64_t now)
{
    if (!known)
        return false;
    return known->generation == (known->issuer ? key_source_generation(known->issuer->keys, now)
                                               : own_secrets_generation(verifier->own_secrets));
}

/* The table's texts may be replaced by the next store, and the request outlives that. */
static void copy_claims(struct arena *arena, const struct claims *from, struct claims *to)
{
    *to = *from;
    to->client_id = arena_copy_text(arena, from->client_id);
    to->scopes = arena_copy_text(arena, from->scopes);
    to->subject = from->subject ? arena_copy_text(arena, from->subject) : NULL;
}

bool token_verify(struct token_verifier *verifier, struct arena *arena, const char *text, int64_t now,
                  struct claims *claims, struct error *error)
{
    struct token_place place;
    struct remembered proven = {0};
    size_t length = strlen(text);
    if (length > LIMIT_TOKEN_BYTES)
        return token_refuse(error, "too long");
    own_secrets_refresh(verifier->own_secrets, clock_monotonic_us(), false);
    remembered_tokens_locate(verifier->remembered, text, length, &place);
    const struct remembered *known = remembered_tokens_find(verifier->remembered, &place);
    if (still_proven(verifier, known, now)) {
        copy_claims(arena, &known->claims, claims);
        return verify_times(&known->times, now, verifier->config->token_leeway, error);
    }
    if (!prove_token(verifier, arena, text, now, &proven, error))
        return false;
    *claims = proven.claims;
    remembered_tokens_store(verifier->remembered, &place, &proven);
    return true;
}
