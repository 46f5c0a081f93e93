/* The token endpoint; see token.h.
 *
 * The client credentials grant of RFC 6749, 4.4: a client shows its id and secret and gets a signed token
 * that names it, its scopes and when it ends. The token is not stored: workers verify its signature and
 * compare its time of issue with the client's revocation (token/). An unknown client costs the same hash as a
 * wrong secret, so that neither an answer nor its time says which clients exist.
 *
 * Attempts are limited, and so that the limit is no weapon against a client, they are judged before they are
 * counted: with the right secret by one bucket, with a wrong one by another, so whoever guesses in the name of a
 * client does not keep it from its token; and by the id that exists, however it was encoded. Ids that do not exist
 * are counted among themselves. What keeps from guessing is that secrets are 32 random bytes; the limit keeps
 * a client that is set up wrongly from asking in a loop, and says so in its answers. */
#include "api/token.h"

#include "api/token_request.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "base/text.h"
#include "request/authenticate.h"
#include "request/rate_limit.h"
#include "token/claims.h"
#include "token/client_secret.h"
#include "token/public_jwk.h"

#include <string.h>

bool token_check(struct worker *worker, struct request *request)
{
    char problem[400];
    struct token_request *asked = arena_alloc(request->arena, 1, sizeof(*asked));
    if (!token_request_read(request, asked))
        return false;
    request->parameters = asked;
    if (issue_token_is_ready(worker->config, problem, sizeof(problem)))
        return true;
    error_set(&request->error, ERROR_CONFIGURATION,
              "Tokens cannot be issued here: the signing key is not readable (`palate doctor` tells more)");
    return error_detail(&request->error, "token: %s", problem);
}

/* What came of an attempt: whose it was, whether there is such a client, and whether the secret is right. */
struct attempt {
    const char *client_id;
    bool exists, fits;
};

static bool try_credentials(struct worker *worker, struct request *request,
                            const struct credentials *credentials, struct client_secrets *secrets,
                            struct attempt *attempt)
{
    bool is_id = text_count_characters(credentials->client_id) <= LIMIT_ID_CHARACTERS;
    *secrets = (struct client_secrets){.scopes = ""};
    *attempt = (struct attempt){.client_id = credentials->client_id};
    if (is_id && !clients_find_secrets(worker->db, request->arena, credentials->client_id, secrets,
                                       &attempt->exists, &request->error))
        return false;
    attempt->fits = client_secret_fits(secrets, credentials->secret, clock_unix()) & attempt->exists;
    return true;
}

/* The credentials as they stand, then as RFC 6749 would have them encoded: most clients do not encode them, some
 * do, and a secret may have a % in it. Where neither is right, the attempt is of the one that exists. */
static bool try_both(struct worker *worker, struct request *request, const struct token_request *asked,
                     struct client_secrets *secrets, struct attempt *attempt)
{
    struct attempt plain;
    if (!try_credentials(worker, request, &asked->credentials, secrets, &plain))
        return false;
    *attempt = plain;
    if (plain.fits || !asked->decoded.client_id)
        return true;
    if (!try_credentials(worker, request, &asked->decoded, secrets, attempt))
        return false;
    if (plain.exists && !attempt->fits)
        *attempt = plain;
    return true;
}

static bool check_rate(struct worker *worker, struct request *request, const struct attempt *attempt)
{
    uint32_t attempts = (uint32_t)worker->config->limits_token_attempts;
    enum rate_kind kind = attempt->fits     ? RATE_RIGHT_TRIES
                          : attempt->exists ? RATE_WRONG_TRIES
                                            : RATE_STRANGERS;
    if (!worker->rate_limit ||
        rate_limit_take(worker->rate_limit, kind, attempt->client_id, (struct rate){attempts, attempts},
                        clock_monotonic_us(), &request->retry_after))
        return true;
    return error_set(&request->error, ERROR_RATE_LIMITED, "Too many tokens were asked for");
}

static bool authenticate_client(struct worker *worker, struct request *request,
                                const struct token_request *asked, struct client_secrets *secrets)
{
    struct attempt attempt;
    if (!try_both(worker, request, asked, secrets, &attempt) || !check_rate(worker, request, &attempt))
        return false;
    if (!attempt.fits)
        return error_set(&request->error, ERROR_OAUTH_CLIENT, "The client is unknown or its secret is wrong");
    request->claims.client_id = attempt.client_id;
    request->tenant.id = secrets->tenant_id;
    return true;
}

/* The scopes of the token, each once: those that are asked for, else all that the client has. Asking for more
 * than it has is an error, not a smaller token. NULL after an error. */
static const char *grant_scopes(struct request *request, const char *asked, const char *granted)
{
    const char *scopes = "";
    if (!asked)
        return granted;
    while (*asked) {
        size_t length = strcspn(asked, " ");
        if (length && !scope_is_among(granted, asked, length)) {
            error_set(&request->error, ERROR_OAUTH_SCOPE,
                      "The client has not been granted a scope that it asks for");
            return NULL;
        }
        if (length && !scope_is_among(scopes, asked, length))
            scopes = arena_format(request->arena, "%s%s%.*s", scopes, *scopes ? " " : "", (int)length, asked);
        asked += length + (asked[length] == ' ');
    }
    return scopes;
}

bool token_answer(struct worker *worker, struct request *request)
{
    const struct token_request *asked = request->parameters;
    struct client_secrets secrets;
    char problem[400];
    if (!authenticate_client(worker, request, asked, &secrets))
        return false;
    const char *scopes = grant_scopes(request, asked->scope, secrets.scopes);
    if (!scopes)
        return false;
    /* In the second of a revocation, or by a slower clock, it must not be revoked from its start. */
    int64_t now = clock_unix(), born = now > secrets.tokens_not_before ? now : secrets.tokens_not_before;
    const struct token_claims claims = {.client_id = request->claims.client_id,
                                        .subject = request->claims.client_id,
                                        .scope = scopes,
                                        .issued_at = born,
                                        .expires_at = born + worker->config->token_ttl};
    char *token = issue_token(worker->config, &claims, problem, sizeof(problem));
    if (!token) {
        error_set(&request->error, ERROR_CONFIGURATION,
                  "Tokens cannot be issued here: the signing key is unfit (`palate doctor` tells more)");
        return error_detail(&request->error, "token: %s", problem);
    }
    struct json_writer *out = json_writer_create(request->arena);
    json_writer_object(out, NULL);
    json_writer_text(out, "access_token", token);
    json_writer_text(out, "token_type", "Bearer");
    json_writer_integer(out, "expires_in", worker->config->token_ttl);
    json_writer_text(out, "scope", scopes);
    json_writer_end(out);
    request->answer = json_writer_result(out);
    memory_free(token);
    return true;
}

bool jwks_check(struct worker *worker, struct request *request)
{
    (void)worker;
    (void)request;
    return true;
}

bool jwks_answer(struct worker *worker, struct request *request)
{
    const char *key = public_jwk(worker->config, request->arena);
    if (!key)
        return error_set(&request->error, ERROR_NOT_FOUND,
                         "Tokens are signed with a shared secret here: there is no public key");
    struct json_writer *out = json_writer_create(request->arena);
    json_writer_object(out, NULL);
    json_writer_list(out, "keys");
    json_writer_written(out, NULL, key);
    json_writer_end(out);
    json_writer_end(out);
    request->answer = json_writer_result(out);
    request->cache_control = "public, max-age=3600";
    return true;
}
