/* Requests for tokens; see token_request.h. */
#include "api/token_request.h"

#include "base/text.h"
#include "request/parameters.h"

#include <string.h>
#include <strings.h>

static bool is_credential(const char *text)
{
    size_t length = strlen(text);
    return length && text_is_utf8(text, length) && !text_has_control(text, length);
}

/* Base64 of either alphabet, with its padding or without. */
static char *decode_base64(struct arena *arena, const char *text)
{
    char *copy = arena_copy_text(arena, text);
    size_t length = strlen(copy), padding = 0, decoded;
    while (padding < 2 && length && copy[length - 1] == '=') {
        length--;
        padding++;
    }
    for (size_t i = 0; i < length; i++)
        copy[i] = copy[i] == '+' ? '-' : copy[i] == '/' ? '_' : copy[i];
    unsigned char *bytes = arena_alloc(arena, length + 4, 1);
    if (!text_decode_base64url(copy, length, bytes, &decoded) || memchr(bytes, '\0', decoded))
        return NULL;
    return arena_copy_bytes(arena, (const char *)bytes, decoded);
}

bool token_request_read_basic(struct arena *arena, const char *header, struct credentials *credentials,
                              struct credentials *decoded)
{
    *credentials = *decoded = (struct credentials){0};
    if (strncasecmp(header, "Basic ", 6))
        return false;
    header += 6 + strspn(header + 6, " ");
    char *pair = decode_base64(arena, header), *colon = pair ? strchr(pair, ':') : NULL;
    if (!colon)
        return false;
    *colon = '\0';
    if (!is_credential(pair) || !is_credential(colon + 1))
        return false;
    *credentials = (struct credentials){.client_id = pair, .secret = colon + 1};
    char *id = arena_copy_text(arena, pair), *secret = arena_copy_text(arena, colon + 1);
    if (!text_decode_form(id) || !text_decode_form(secret) || !is_credential(id) || !is_credential(secret))
        return true;
    if (strcmp(id, pair) || strcmp(secret, colon + 1))
        *decoded = (struct credentials){.client_id = id, .secret = secret};
    return true;
}

static bool read_text(struct request *request, const char *const *names, const char **text)
{
    const char *field;
    struct json_object *value = parameter_first(request->merged, names, &field);
    return parameter_text(value, field, TEXT_FREE, LIMIT_BODY_BYTES, text, &request->error);
}

static bool read_body_credentials(struct request *request, struct credentials *credentials)
{
    static const char *const ids[] = {"client_id", "clientId", "username", NULL};
    static const char *const secrets[] = {"client_secret", "clientSecret", "password", NULL};
    if (!read_text(request, ids, &credentials->client_id) ||
        !read_text(request, secrets, &credentials->secret))
        return false;
    if (!credentials->client_id || !credentials->secret || !is_credential(credentials->client_id) ||
        !is_credential(credentials->secret))
        *credentials = (struct credentials){0};
    return true;
}

static bool check_grant_type(struct request *request)
{
    static const char *const names[] = {"grant_type", "grantType", NULL};
    const char *grant = request->body ? "client_credentials" : NULL; /* JSON need not say it */
    if (!read_text(request, names, &grant))
        return false;
    if (!grant)
        return error_set(&request->error, ERROR_OAUTH_REQUEST,
                         "grant_type is missing: it must be client_credentials");
    if (strcmp(grant, "client_credentials"))
        return error_set(&request->error, ERROR_OAUTH_GRANT_TYPE, "grant_type must be client_credentials");
    return true;
}

bool token_request_read(struct request *request, struct token_request *asked)
{
    static const char *const scopes[] = {"scope", NULL};
    const char *header = transport_variable(request->transport, "HTTP_AUTHORIZATION");
    *asked = (struct token_request){0};
    if (!check_grant_type(request) || !read_text(request, scopes, &asked->scope) ||
        !read_body_credentials(request, &asked->credentials))
        return false;
    if (asked->scope && !*asked->scope)
        asked->scope = NULL;
    bool basic = header && !strncasecmp(header, "Basic ", 6);
    if (basic && !token_request_read_basic(request->arena, header, &asked->credentials, &asked->decoded))
        asked->credentials = (struct credentials){0};
    if (asked->credentials.client_id)
        return true;
    return error_set(&request->error, ERROR_OAUTH_CLIENT,
                     "The client's id and secret are missing or cannot be read");
}
