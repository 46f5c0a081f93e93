/* JSON that need not be parsed to be passed on; see json_plain.h.
 *
 * The problem: an answer holds the stored metadata of fifty items. Each was checked when it came, but what lies
 * in a table for years may have been put there by another hand, and an answer must be JSON. Parsing it and
 * writing it again costs more than the rest of the answer.
 *
 * The idea: one pass proves that the text is an object which json-c would read and write as it is: no white
 * space, no escape, no exponent, numbers clearly in range. Which of the open levels are lists is kept as one
 * bit a level. What is refused goes through json-c, so this may be as narrow as it likes.
 *
 * Cost: linear in the text, nothing is allocated. What it does not do: notice a key that is there twice. */
#include "base/json_plain.h"

#include "base/limits.h"
#include "base/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* Where a string ends, from its opening quote; NULL when it is not plain. */
static const char *skip_plain_string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    while ((unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return *at == '"' ? at + 1 : NULL;
}

static const char *skip_digits(const char *at)
{
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

/* At most 18 digits on either side of the point: no such number is out of range. */
static const char *skip_plain_number(const char *at)
{
    enum { DIGITS_MAX = 18 };
    const char *start = at += *at == '-', *end = skip_digits(at);
    if (end == start || end - start > DIGITS_MAX || (*start == '0' && end - start > 1))
        return NULL;
    if (*end != '.')
        return end;
    start = end + 1;
    end = skip_digits(start);
    return end == start || end - start > DIGITS_MAX ? NULL : end;
}

static const char *skip_plain_value(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};
    if (*at == '"')
        return skip_plain_string(at);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (!strncmp(at, words[i], strlen(words[i])))
            return at + strlen(words[i]);
    }
    return skip_plain_number(at);
}

static const char *skip_key(const char *at)
{
    at = skip_plain_string(at);
    return at && *at == ':' ? at + 1 : NULL;
}

/* The start of a value, up to its first member that is no object or list; *depth and *lists grow with it. */
static const char *enter_value(const char *at, unsigned *depth, uint32_t *lists)
{
    while (at && (*at == '{' || *at == '[') && *depth < LIMIT_JSON_DEPTH) {
        bool list = *at++ == '[';
        *lists = list ? *lists | UINT32_C(1) << *depth : *lists & ~(UINT32_C(1) << *depth);
        ++*depth;
        if (*at == (list ? ']' : '}'))
            return at;
        at = list ? at : skip_key(at);
    }
    return at ? skip_plain_value(at) : NULL;
}

bool json_is_plain_object(const char *text)
{
    static_assert(LIMIT_JSON_DEPTH <= 32, "a bit for each level");
    unsigned depth = 0;
    uint32_t lists = 0;
    const char *at = *text == '{' ? enter_value(text, &depth, &lists) : NULL;
    while (at && depth) {
        bool list = lists >> (depth - 1) & 1;
        if (*at == (list ? ']' : '}')) {
            at++;
            depth--;
        } else if (*at == ',') {
            at = list ? at + 1 : skip_key(at + 1);
            at = at ? enter_value(at, &depth, &lists) : NULL;
        } else {
            return false;
        }
    }
    return at && !*at && text_is_utf8(text, (size_t)(at - text));
}
