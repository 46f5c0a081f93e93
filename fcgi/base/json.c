/* Strict JSON reading; see json.h.
 *
 * The problem: json-c, even with its strict flag, takes texts that are no JSON by RFC 8259 (single quotes,
 * -01, 1., control characters in strings), turns an escape that is no character into U+FFFD or a zero byte,
 * clamps integers that do not fit and reads 1e999 as infinity. What it took is stored, compared and printed
 * again later, so an answer could be no JSON at all, or an id could be another one than the client sent.
 *
 * The idea: not a parser of our own, but a look over the text before (text_problem: UTF-8, zero bytes,
 * escapes, the form of strings and numbers) and over the tree afterwards (numbers_are_finite). Each look is
 * linear and allocates nothing; what needs a stack, the nesting, stays with json-c, which is bounded to
 * LIMIT_JSON_DEPTH levels, so the recursive walks here and elsewhere are bounded, too.
 *
 * What it does not do: refuse a member that is there twice (json-c keeps the last one, as JavaScript does);
 * tokens, where that matters, are counted by token/read_token.c. */
#include "base/json.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* The UTF-16 unit of four hexadecimal digits, -1 for anything else. */
static int hex4(const char *at, const char *end)
{
    int value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'                     ? c - '0'
                    : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                             : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* Looks at one \u escape; returns how many bytes behind the u belong to it, 0 when it stands for no
 * character: json-c would put U+FFFD or a zero byte there without a word. */
static size_t escape_length(const char *at, const char *end)
{
    int unit = hex4(at, end);
    if (unit <= 0)
        return 0;
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return 0;
    if (unit < 0xD800 || unit > 0xDBFF)
        return 4;
    if (end - at < 10 || at[4] != '\\' || at[5] != 'u')
        return 0;
    int low = hex4(at + 6, end);
    return low >= 0xDC00 && low <= 0xDFFF ? 10 : 0;
}

static bool escapes_are_characters(const char *bytes, size_t length)
{
    const char *end = bytes + length;
    const char *at = bytes;
    while (at < end && (at = memchr(at, '\\', (size_t)(end - at)))) {
        if (++at == end)
            return true; /* cut short: the parser says so */
        if (*at++ != 'u')
            continue;
        size_t step = escape_length(at, end);
        if (!step)
            return false;
        at += step;
    }
    return true;
}

/* A string from its opening quote; where it ends, NULL when it holds a control character. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            return NULL;
        at += *at == '\\' && at + 1 < end;
    }
    return at < end ? at + 1 : end;
}

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* A number from its minus or first digit (RFC 8259, 6); NULL when json-c is too generous with it. */
static const char *skip_number(const char *at, const char *end)
{
    at += *at == '-';
    if (!is_digit(at, end) || (*at == '0' && is_digit(at + 1, end)))
        return NULL;
    while (is_digit(at, end))
        at++;
    if (at < end && *at == '.' && !is_digit(++at, end))
        return NULL;
    while (is_digit(at, end) || (at < end && strchr("eE+-", *at)))
        at++;
    return at;
}

/* json-c also takes -01, 1., -.5, 'quotes' and control characters inside of strings, and gives numbers back
 * as they came, so that an answer would be no JSON. All else is left to it. */
static bool tokens_are_standard(const char *bytes, size_t length)
{
    const char *end = bytes + length;
    for (const char *at = bytes; at && at < end;) {
        if (*at == '\'')
            return false;
        /* -Infinity: json-c reads it, numbers_are_finite() refuses it. */
        bool infinite = *at == '-' && end - at > 1 && at[1] == 'I';
        if (*at == '"')
            at = skip_string(at, end);
        else if (!infinite && (*at == '-' || is_digit(at, end)))
            at = skip_number(at, end);
        else
            at++;
        if (!at)
            return false;
    }
    return true;
}

/* json-c turns 1e999 into infinity and clamps integers that do not fit; both are refused here. */
/* NOLINTNEXTLINE(misc-no-recursion): at most LIMIT_JSON_DEPTH levels. */
static bool numbers_are_finite(struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_double:
        return isfinite(json_object_get_double(value));
    case json_type_int: {
        int64_t number = json_object_get_int64(value);
        return number != INT64_MAX && number != INT64_MIN;
    }
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            if (!numbers_are_finite(json_object_array_get_idx(value, i)))
                return false;
        }
        return true;
    case json_type_object: {
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            if (!numbers_are_finite(member))
                return false;
        }
        return true;
    }
    default:
        return true;
    }
}

static const char *tokener_problem(enum json_tokener_error code)
{
    switch (code) {
    case json_tokener_error_depth:
        return "JSON with too many levels (32 are allowed)";
    case json_tokener_continue:
        return "JSON that ends too early";
    case json_tokener_success:
        return "JSON with something behind its end";
    default:
        return "not valid JSON";
    }
}

/* What json-c would let pass; NULL: nothing. */
static const char *text_problem(const char *bytes, size_t length)
{
    if (length > INT_MAX)
        return "too long";
    if (!text_is_utf8(bytes, length))
        return "not valid UTF-8";
    if (memchr(bytes, '\0', length))
        return "not valid JSON: it holds a zero byte";
    if (!escapes_are_characters(bytes, length))
        return "JSON with a \\u escape that is no character";
    return tokens_are_standard(bytes, length) ? NULL : "not valid JSON";
}

static bool parse_text(const char *bytes, size_t length, bool any_number, struct json_object **value,
                       const char **problem)
{
    *value = NULL;
    *problem = text_problem(bytes, length);
    if (*problem)
        return false;
    struct json_tokener *tokener = json_tokener_new_ex(LIMIT_JSON_DEPTH);
    if (!tokener)
        memory_exhausted();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT); /* text_problem() has looked at the UTF-8 */
    struct json_object *parsed = json_tokener_parse_ex(tokener, bytes, (int)length);
    enum json_tokener_error code = json_tokener_get_error(tokener);
    /* A number or literal at the very end is only complete once the end is seen. */
    if (code == json_tokener_continue) {
        parsed = json_tokener_parse_ex(tokener, "", 1);
        code = json_tokener_get_error(tokener);
        if (code != json_tokener_success)
            code = code == json_tokener_error_depth ? code : json_tokener_continue;
    } else if (code == json_tokener_success) {
        size_t end = json_tokener_get_parse_end(tokener);
        while (end < length && strchr(" \t\r\n", bytes[end]))
            end++;
        if (end < length)
            *problem = tokener_problem(json_tokener_success);
    }
    if (code != json_tokener_success)
        *problem = tokener_problem(code);
    else if (!*problem && !any_number && !numbers_are_finite(parsed))
        *problem = "JSON with a number that is too large";
    json_tokener_free(tokener);
    if (*problem) {
        json_object_put(parsed);
        return false;
    }
    *value = parsed;
    return true;
}

bool json_parse(const char *bytes, size_t length, struct json_object **value, const char **problem)
{
    return parse_text(bytes, length, false, value, problem);
}

bool json_parse_any_number(const char *bytes, size_t length, struct json_object **value, const char **problem)
{
    return parse_text(bytes, length, true, value, problem);
}

static void release(void *object)
{
    json_object_put(object);
}

struct json_object *json_keep(struct arena *arena, struct json_object *value)
{
    if (value)
        arena_defer(arena, release, value);
    return value;
}

bool json_parse_arena(struct arena *arena, const char *bytes, size_t length, struct json_object **value,
                      const char **problem)
{
    if (!json_parse(bytes, length, value, problem))
        return false;
    json_keep(arena, *value);
    return true;
}

const char *json_text(struct json_object *value)
{
    const char *text =
        json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!text)
        memory_exhausted();
    return text;
}

const char *json_indent(struct arena *arena, const char *json)
{
    enum { FLAGS = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE };
    struct json_object *value;
    const char *problem;
    if (!json_parse_any_number(json, strlen(json), &value, &problem))
        return json;
    json_keep(arena, value);
    const char *text = json_object_to_json_string_ext(value, FLAGS);
    if (!text)
        memory_exhausted();
    return text;
}

struct json_object *json_member(struct json_object *object, const char *key)
{
    struct json_object *member = NULL;
    if (json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, key, &member);
    return member;
}

void json_add(struct json_object *object, const char *key, struct json_object *value)
{
    json_object_object_add(object, key, value);
}

void json_add_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, text ? json_object_new_string(text) : NULL);
}
