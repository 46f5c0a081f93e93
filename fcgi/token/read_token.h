/* A compact JWT as text: its three segments and the two JSON objects in them. Nothing here is verified: what
 * a header or a claim says may be believed only behind verify_token.h. */
#ifndef PALATE_TOKEN_READ_TOKEN_H
#define PALATE_TOKEN_READ_TOKEN_H

#include "base/arena.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct token {
    const char *text;     /* as it came */
    size_t signed_length; /* of it: header, dot and payload */
    const unsigned char *signature;
    size_t signature_length;
    struct json_object *header, *claims; /* objects of the arena */
};

/* Three segments of canonical base64url (RFC 7515), the first two strict JSON objects in which no member is
 * there twice (RFC 7519, 4 leaves that to us). On failure *why says what it is not, for the log. */
bool token_read(struct arena *arena, const char *text, struct token *token, const char **why)
    __attribute__((nonnull, warn_unused_result));

/* A member that is text without zero characters, else NULL. */
const char *token_text(struct json_object *object, const char *name) __attribute__((nonnull(2)));

/* A time claim is a JSON number of Unix seconds, with or without a fraction (RFC 7519, 2: NumericDate): false when
 * it is there and is none, or, with a fraction or an exponent, none before the year 10000. *seconds is the second that it lies
 * in, or, with is_start, the first one that begins behind it: a token is never good for longer than it says.
 * *present says whether it is there. */
bool token_time(struct json_object *claims, const char *name, bool is_start, int64_t *seconds, bool *present)
    __attribute__((nonnull, warn_unused_result));

#endif
