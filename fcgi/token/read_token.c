/* A compact JWT as text; see read_token.h.
 *
 * Three segments of base64url with dots between (RFC 7515, 7.1), of which the first two are JSON. Read more
 * strictly than RFC 7515 asks: two parsers that see different things in one token are how checks are
 * bypassed. So base64url must be canonical, JSON strict, and no member of the outermost object may be there
 * twice: json-c keeps the last of two, another library the first. That is found by counting the colons of the
 * text against the members of the parsed object, which needs no second parser. */
#include "token/read_token.h"

#include "base/json.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

struct segments {
    const char *header, *payload, *signature;
    size_t header_length, payload_length, signature_length;
};

static bool split_segments(const char *token, struct segments *segments)
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

/* Members of the outermost object in text that is known to be JSON: its colons outside of strings. */
static int count_members(const char *json, size_t length)
{
    int depth = 0, members = 0;
    bool in_text = false;
    for (size_t i = 0; i < length; i++) {
        char byte = json[i];
        if (in_text && byte == '\\')
            i++;
        else if (byte == '"')
            in_text = !in_text;
        else if (in_text)
            continue;
        else if (byte == '{' || byte == '[')
            depth++;
        else if (byte == '}' || byte == ']')
            depth--;
        else if (byte == ':' && depth == 1)
            members++;
    }
    return members;
}

/* A JSON object of the arena, NULL for anything else. */
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
    if (!json_object_is_type(value, json_type_object))
        return NULL;
    return count_members((const char *)bytes, decoded) == json_object_object_length(value) ? value : NULL;
}

bool token_read(struct arena *arena, const char *text, struct token *token, const char **why)
{
    struct segments segments;
    size_t length;
    *why = "not three segments";
    if (!split_segments(text, &segments))
        return false;
    unsigned char *signature = arena_alloc(arena, segments.signature_length + 4, 1);
    *why = "signature is no canonical base64url";
    if (!text_decode_base64url(segments.signature, segments.signature_length, signature, &length))
        return false;
    *why = "header or payload is no base64url of a JSON object, or has a member twice";
    *token = (struct token){.text = text,
                            .signed_length = (size_t)(segments.signature - text - 1),
                            .signature = signature,
                            .signature_length = length,
                            .header = read_segment(arena, segments.header, segments.header_length),
                            .claims = read_segment(arena, segments.payload, segments.payload_length)};
    return token->header && token->claims;
}

const char *token_text(struct json_object *object, const char *name)
{
    struct json_object *value = json_member(object, name);
    if (!json_object_is_type(value, json_type_string))
        return NULL;
    const char *text = json_object_get_string(value);
    return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

bool token_time(struct json_object *claims, const char *name, bool is_start, int64_t *seconds, bool *present)
{
    static const double year_10000 = 253402300800; /* farther ones are milliseconds, or a mistake */
    struct json_object *value;
    *present = json_object_object_get_ex(claims, name, &value);
    *seconds = *present ? json_object_get_int64(value) : 0;
    if (!*present || json_object_is_type(value, json_type_int))
        return true;
    double number =
        json_object_is_type(value, json_type_double) ? json_object_get_double(value) : (double)NAN;
    if (!(fabs(number) < year_10000))
        return false;
    *seconds = (int64_t)(is_start ? ceil(number) : floor(number));
    return true;
}
