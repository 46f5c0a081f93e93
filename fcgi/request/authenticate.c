/* The bearer token becomes claims; see authenticate.h.
 *
 * No query is made here: a signature is checked, or found among those checked before (token/claims.h), so a
 * flood of requests with bad tokens costs the database nothing. Whether the client still exists is the next
 * step's question. Scopes are looked at here, so that parameters are not checked for a caller who may not
 * send them.
 *
 * A token may be for one person: then a browser has it, and whoever has the browser. So it opens only routes
 * that say they keep to that person, whatever its scopes, and each of these asks person_may_name() about the
 * user ids that it was given. */
#include "request/authenticate.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "token/claims.h"

#include <string.h>
#include <strings.h>

bool scope_is_among(const char *scopes, const char *wanted, size_t length)
{
    while (*scopes) {
        size_t word = strcspn(scopes, " ");
        if (word == length && !strncmp(scopes, wanted, length))
            return true;
        scopes += word + (scopes[word] == ' ');
    }
    return false;
}

const char *scope_wanted(const struct config *config, enum access access)
{
    if (access == ACCESS_WRITE || access == ACCESS_WRITE_OWN)
        return config->token_scope_write;
    bool reads = access == ACCESS_READ || access == ACCESS_READ_OWN ||
                 (access == ACCESS_TOKEN && config->token_recommend_reads);
    return reads ? config->token_scope_read : NULL;
}

/* The token of "Authorization: Bearer token"; NULL unless it is exactly that. Two such headers arrive
 * joined by a comma, which no token has. */
static const char *find_bearer(const struct request *request)
{
    const char *header = transport_variable(request->transport, "HTTP_AUTHORIZATION");
    if (!header || strncasecmp(header, "Bearer ", 7))
        return NULL;
    header += 7 + strspn(header + 7, " ");
    return *header && !header[strcspn(header, " ,\t")] ? header : NULL;
}

/* Hashed on both sides, so the comparison is of one length and says nothing of the token; no hash in the
 * configuration is no token's. */
static bool check_metrics_token(const struct config *config, struct request *request, const char *token)
{
    unsigned char bytes[DIGEST_BYTES];
    char hash[2 * DIGEST_BYTES + 1];
    struct digest *digest = digest_create();
    digest_put(digest, token, strlen(token));
    digest_end(digest, bytes);
    digest_destroy(digest);
    text_encode_hex(bytes, sizeof(bytes), hash);
    return text_equals_secretly(hash, strlen(hash), config->metrics_token_sha256,
                                strlen(config->metrics_token_sha256)) ||
           token_refuse(&request->error, "is not that of [metrics] token_sha256");
}

static bool is_for_clients(enum access access)
{
    return access == ACCESS_WRITE || access == ACCESS_READ;
}

bool authenticate(struct worker *worker, struct request *request)
{
    if (request->route->access == ACCESS_OPEN)
        return true;
    const char *token = find_bearer(request);
    if (!token)
        return token_refuse(&request->error, "no bearer token");
    if (request->route->access == ACCESS_METRICS)
        return check_metrics_token(worker->config, request, token);
    if (!token_verify(worker->verifier, request->arena, token, clock_unix(), &request->claims,
                      &request->error))
        return false;
    const char *wanted = scope_wanted(worker->config, request->route->access);
    if (wanted && !scope_is_among(request->claims.scopes, wanted, strlen(wanted)))
        return error_set(&request->error, ERROR_INSUFFICIENT_SCOPE, "The access token lacks the scope %s",
                         wanted);
    if (request->claims.is_person && is_for_clients(request->route->access))
        return error_set(&request->error, ERROR_PERSON_TOKEN,
                         "The access token is for one person, and this takes a client's");
    return true;
}

const char *person_of(const struct request *request)
{
    return request->claims.is_person ? request->claims.subject : NULL;
}

bool person_may_name(struct request *request, const char *user_id)
{
    const char *person = person_of(request);
    return !person || (user_id && !strcmp(person, user_id)) ||
           error_set(&request->error, ERROR_PERSON_TOKEN,
                     "The access token is for one person, and this is about another");
}
