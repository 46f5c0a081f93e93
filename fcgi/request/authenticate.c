/* The bearer token becomes claims; see authenticate.h. */
#include "request/authenticate.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

#include <jwt.h>
#include <string.h>
#include <strings.h>

/* Every refusal looks the same from outside; only the log says which it was. */
static bool refuse(struct error *error, const char *why)
{
    error_set(error, ERROR_INVALID_TOKEN, "The access token is missing or invalid");
    return error_detail(error, "token: %s", why);
}

struct segments {
    const char *header, *payload, *signature;
    size_t header_length, payload_length, signature_length;
};

static bool split(const char *token, struct segments *segments)
{
    const char *first = strchr(token, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.'))
        return false;
    *segments = (struct segments){.header = token,
                                  .header_length = (size_t)(first - token),
                                  .payload = first + 1,
                                  .payload_length = (size_t)(second - first - 1),
                                  .signature = second + 1,
                                  .signature_length = strlen(second + 1)};
    return segments->header_length && segments->payload_length && segments->signature_length;
}

/* A segment must be canonical base64url of a JSON object. */
static struct json_object *read_segment(struct arena *arena, const char *text, size_t length)
{
    unsigned char *bytes = arena_alloc(arena, length + 4, 1);
    size_t decoded;
    struct json_object *value;
    const char *problem;
    if (!text_decode_base64url(text, length, bytes, &decoded))
        return NULL;
    if (!json_parse_arena(arena, (const char *)bytes, decoded, &value, &problem))
        return NULL;
    return json_object_is_type(value, json_type_object) ? value : NULL;
}

static const char *text_claim(struct json_object *claims, const char *name)
{
    struct json_object *value = json_member(claims, name);
    if (!json_object_is_type(value, json_type_string))
        return NULL;
    const char *text = json_object_get_string(value);
    return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

static bool check_header(const struct config *config, struct json_object *header, struct error *error)
{
    const char *algorithm = text_claim(header, "alg");
    const char *type = text_claim(header, "typ");
    if (!algorithm || strcmp(algorithm, token_algorithm_name(config->token_algorithm)))
        return refuse(error, "alg is not the configured one");
    if (json_object_object_get_ex(header, "typ", NULL) && (!type || strcasecmp(type, "JWT")))
        return refuse(error, "typ is not JWT");
    if (json_object_object_get_ex(header, "crit", NULL))
        return refuse(error, "crit is not understood");
    return true;
}

static bool check_signature(const struct config *config, const char *token, struct error *error)
{
    static const jwt_alg_t algorithms[TOKEN_ALGORITHM__MAX] = {
        [TOKEN_HS256] = JWT_ALG_HS256, [TOKEN_RS256] = JWT_ALG_RS256, [TOKEN_ES256] = JWT_ALG_ES256};
    jwt_t *jwt = NULL;
    if (config->token_key_length == 0)
        return refuse(error, "no key is configured");
    int code =
        jwt_decode(&jwt, token, (const unsigned char *)config->token_key, (int)config->token_key_length);
    bool verified = code == 0 && jwt_get_alg(jwt) == algorithms[config->token_algorithm];
    jwt_free(jwt);
    return verified ? true : refuse(error, "signature does not fit");
}

/* A time claim must be a JSON integer. *present tells whether it was there. */
static bool time_claim(struct json_object *claims, const char *name, int64_t *seconds, bool *present)
{
    struct json_object *value;
    *present = json_object_object_get_ex(claims, name, &value);
    if (*present && !json_object_is_type(value, json_type_int))
        return false;
    *seconds = *present ? json_object_get_int64(value) : 0;
    return true;
}

static bool check_times(const struct config *config, struct json_object *claims, int64_t now,
                        struct error *error)
{
    int64_t expires, not_before;
    bool has_expires, has_not_before;
    if (!time_claim(claims, "exp", &expires, &has_expires) || !has_expires)
        return refuse(error, "exp is missing or no integer");
    if (!time_claim(claims, "nbf", &not_before, &has_not_before))
        return refuse(error, "nbf is no integer");
    if (expires <= now - config->token_leeway) {
        error_set(error, ERROR_EXPIRED_TOKEN, "The access token has expired");
        return error_detail(error, "token: expired");
    }
    if (has_not_before && not_before > now + config->token_leeway)
        return refuse(error, "nbf lies ahead");
    return true;
}

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
    const char *issuer = text_claim(claims, "iss");
    if (*config->token_issuer && (!issuer || strcmp(issuer, config->token_issuer)))
        return refuse(error, "iss is not the configured one");
    if (*config->token_audience && !names_audience(json_member(claims, "aud"), config->token_audience))
        return refuse(error, "aud does not name the configured one");
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

static bool is_id(const char *text)
{
    return *text && text_count_characters(text) <= LIMIT_ID_CHARACTERS &&
           !text_has_control(text, strlen(text));
}

static bool read_claims(struct arena *arena, struct json_object *payload, struct claims *claims,
                        struct error *error)
{
    const char *client = text_claim(payload, "client_id");
    claims->subject = text_claim(payload, "sub");
    claims->client_id = json_member(payload, "client_id") ? client : claims->subject;
    claims->scopes = read_scopes(arena, payload);
    if (!claims->client_id || !is_id(claims->client_id))
        return refuse(error, "neither client_id nor sub names a client");
    if (claims->subject && !is_id(claims->subject))
        return refuse(error, "sub is empty, too long or has control characters");
    return true;
}

bool authenticate_token(const struct config *config, struct arena *arena, const char *token, int64_t now,
                        struct claims *claims, struct error *error)
{
    struct segments segments;
    unsigned char *signature;
    size_t length = strlen(token);
    if (length > LIMIT_TOKEN_BYTES)
        return refuse(error, "too long");
    if (!split(token, &segments))
        return refuse(error, "not three segments");
    signature = arena_alloc(arena, segments.signature_length + 4, 1);
    if (!text_decode_base64url(segments.signature, segments.signature_length, signature, &length))
        return refuse(error, "signature is no canonical base64url");
    struct json_object *header = read_segment(arena, segments.header, segments.header_length);
    struct json_object *payload = read_segment(arena, segments.payload, segments.payload_length);
    if (!header || !payload)
        return refuse(error, "header or payload is no base64url of a JSON object");
    return check_header(config, header, error) && check_signature(config, token, error) &&
           check_times(config, payload, now, error) && check_parties(config, payload, error) &&
           read_claims(arena, payload, claims, error);
}

static bool has_scope(const char *scopes, const char *wanted)
{
    size_t length = strlen(wanted);
    while (*scopes) {
        size_t word = strcspn(scopes, " ");
        if (word == length && !strncmp(scopes, wanted, length))
            return true;
        scopes += word + (scopes[word] == ' ');
    }
    return false;
}

/* The token of "Authorization: Bearer token"; NULL unless it is exactly that. Two such headers arrive
 * joined by a comma, which no token has. */
static const char *bearer(const struct request *request)
{
    const char *header = transport_variable(request->transport, "HTTP_AUTHORIZATION");
    if (!header || strncasecmp(header, "Bearer ", 7))
        return NULL;
    header += 7 + strspn(header + 7, " ");
    return *header && !header[strcspn(header, " ,\t")] ? header : NULL;
}

static const char *wanted_scope(const struct config *config, enum access access)
{
    if (access == ACCESS_READ)
        return config->token_scope_read;
    return access == ACCESS_WRITE ? config->token_scope_write : NULL;
}

bool authenticate(struct worker *worker, struct request *request)
{
    if (request->route->access == ACCESS_OPEN)
        return true;
    const char *token = bearer(request);
    if (!token)
        return refuse(&request->error, "no bearer token");
    if (!authenticate_token(worker->config, request->arena, token, clock_unix(), &request->claims,
                            &request->error))
        return false;
    const char *wanted = wanted_scope(worker->config, request->route->access);
    if (wanted && !has_scope(request->claims.scopes, wanted))
        return error_set(&request->error, ERROR_INSUFFICIENT_SCOPE, "The access token lacks the scope %s",
                         wanted);
    return true;
}
