/* Strict JSON reading; see json.h.
 *
 * The problem: json-c takes texts that are no JSON by RFC 8259 (single quotes, -01, 1., comments, control
 * characters in strings), turns an escape that is no character into U+FFFD or a zero byte, clamps integers
 * that do not fit and reads 1e999 as infinity. What it took is stored, compared and printed again later, so
 * an answer could be no JSON at all, or an id could be another one than the client sent. Its strict flag
 * refuses some of this, each release something else, and some releases refuse what is right.
 *
 * The idea: json-c builds the tree, and what is JSON is decided here, over the text before (text_problem:
 * UTF-8, zero bytes, escapes, the grammar) and over the tree afterwards (numbers_are_finite). So a text has
 * the same fate whatever json-c is installed. The grammar needs a stack alone: a bit for each open level,
 * object or array, which bounds the nesting to LIMIT_JSON_DEPTH, and with it the recursive walks over trees
 * here and elsewhere. Each look is linear and allocates nothing.
 *
 * A tree is up to 260 times as large as its text (`{}` is three bytes with its comma and a table of 16 places
 * as a tree), so the look before also weighs what the text would become, and refuses it above a limit. And
 * json-c 0.16 does not notice when its buffer cannot grow: it would cut texts. So the memory is asked for
 * beforehand, in one piece, and freed at once: what is not there ends the process before anything is read
 * wrongly.
 *
 * What it does not do: refuse a member that is there twice (json-c keeps the last one, as JavaScript does);
 * tokens, where that matters, are counted by token/read_token.c. */
#include "base/json.h"

#include "base/decimal.h"
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

/* ---- The grammar of RFC 8259 */

enum expected { VALUE, VALUE_OR_END, NAME, NAME_OR_END, COLON, COMMA_OR_END, NOTHING };

/* A look over the text. Which of the open levels are objects is a bit a level, the innermost lowest. */
struct look {
    const char *at, *end;
    uint64_t objects;
    unsigned levels, most_levels;
    enum expected expected;
    size_t weight; /* in the measure of limits.h */
    bool any_number;
};

_Static_assert(LIMIT_JSON_DEPTH < 64, "a bit a level");

static const char INVALID[] = "not valid JSON", EARLY[] = "JSON that ends too early",
                  BEHIND[] = "JSON with something behind its end",
                  DEEP[] = "JSON with too many levels (32 are allowed)",
                  LARGE[] = "JSON with a number that is too large",
                  NO_NUMBER[] = "JSON with NaN or Infinity, which are no numbers";

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* From the opening quote. What \u stands for is looked at by escapes_are_characters(). */
static const char *skip_string(struct look *look)
{
    for (look->at++; look->at < look->end && *look->at != '"'; look->at++) {
        if ((unsigned char)*look->at < 0x20)
            return INVALID;
        if (*look->at != '\\')
            continue;
        if (++look->at == look->end)
            return EARLY;
        if (!strchr("\"\\/bfnrtu", *look->at))
            return INVALID;
    }
    if (look->at == look->end)
        return EARLY;
    look->at++;
    return NULL;
}

static bool skip_digits(struct look *look)
{
    const char *start = look->at;
    while (is_digit(look->at, look->end))
        look->at++;
    return look->at > start;
}

static bool skip_either(struct look *look, const char *characters)
{
    bool found = look->at < look->end && strchr(characters, *look->at);
    look->at += found;
    return found;
}

/* Whether whole digits fit json-c's integers, which are signed or unsigned of 64 bits; others would be clamped. */
static bool is_exact(const char *digits, size_t length, bool minus)
{
    const char *most = minus ? "9223372036854775808" : "18446744073709551615";
    size_t most_length = strlen(most);
    return length < most_length || (length == most_length && memcmp(digits, most, length) <= 0);
}

static const char *skip_number(struct look *look)
{
    bool minus = skip_either(look, "-");
    const char *start = look->at;
    bool zero = skip_either(look, "0");
    if (zero ? is_digit(look->at, look->end) : !skip_digits(look))
        return INVALID;
    size_t whole = (size_t)(look->at - start);
    bool fraction = skip_either(look, ".");
    if (fraction && !skip_digits(look))
        return INVALID;
    if (!skip_either(look, "eE"))
        return fraction || look->any_number || is_exact(start, whole, minus) ? NULL : LARGE;
    skip_either(look, "+-");
    return skip_digits(look) ? NULL : INVALID;
}

/* The three words of JSON, and those of a number that is none: whoever reads the value refuses these. */
static const char *skip_word(struct look *look)
{
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    enum { NUMBERS = 3 }; /* the first that is none */
    size_t left = (size_t)(look->end - look->at);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i]);
        if (memcmp(look->at, words[i], left < length ? left : length) != 0)
            continue;
        look->at += length;
        return left < length ? EARLY : i >= NUMBERS && !look->any_number ? NO_NUMBER : NULL;
    }
    return INVALID;
}

static void end_value(struct look *look)
{
    look->expected = look->levels ? COMMA_OR_END : NOTHING;
}

static const char *open_level(struct look *look, bool object)
{
    if (look->levels == look->most_levels)
        return DEEP;
    look->levels++;
    look->weight += object ? JSON_OBJECT_WEIGHT - 1 : 0;
    look->objects = look->objects << 1 | object;
    look->expected = object ? NAME_OR_END : VALUE_OR_END;
    look->at++;
    return NULL;
}

static const char *close_level(struct look *look, bool object)
{
    bool may_end = look->expected == COMMA_OR_END || look->expected == (object ? NAME_OR_END : VALUE_OR_END);
    if (!may_end || (look->objects & 1) != object)
        return INVALID;
    look->levels--;
    look->objects >>= 1;
    look->at++;
    end_value(look);
    return NULL;
}

static const char *skip_value(struct look *look)
{
    const char first = *look->at;
    look->weight++;
    if (first == '{' || first == '[')
        return open_level(look, first == '{');
    bool number =
        is_digit(look->at, look->end) || (first == '-' && look->end - look->at > 1 && look->at[1] != 'I');
    end_value(look);
    return first == '"' ? skip_string(look) : number ? skip_number(look) : skip_word(look);
}

/* The next token, which is there; NULL, or what is wrong. */
static const char *skip_token(struct look *look)
{
    const char first = *look->at;
    if (look->expected == NOTHING)
        return BEHIND;
    if (first == '}' || first == ']')
        return close_level(look, first == '}');
    switch (look->expected) {
    case NAME:
    case NAME_OR_END:
        look->expected = COLON;
        look->weight++;
        return first == '"' ? skip_string(look) : INVALID;
    case COLON:
        look->expected = VALUE;
        return skip_either(look, ":") ? NULL : INVALID;
    case COMMA_OR_END:
        look->expected = look->objects & 1 ? NAME : VALUE;
        return skip_either(look, ",") ? NULL : INVALID;
    default:
        return skip_value(look);
    }
}

/* NULL when the text is one value by the standard. json-c's own strict flag is no help: that of 0.18 refuses
 * every letter that is not ASCII (json-c issue 875). */
static const char *grammar_problem(struct look *look)
{
    for (;;) {
        while (skip_either(look, " \t\r\n")) {
        }
        if (look->at == look->end)
            return look->expected == NOTHING ? NULL : EARLY;
        const char *problem = skip_token(look);
        if (problem)
            return problem;
    }
}

/* json-c turns 1e999 into infinity, which is refused here; whole numbers that do not fit are refused before. */
/* NOLINTNEXTLINE(misc-no-recursion): at most LIMIT_JSON_DEPTH levels. */
static bool numbers_are_finite(struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_double:
        return isfinite(json_object_get_double(value));
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

/* How a text is to be read. */
struct reading {
    bool any_number;
    unsigned levels;
    size_t weight; /* the most that it may weigh */
};

/* What json-c would let pass, and what would become too large; NULL: nothing. */
static const char *text_problem(const char *bytes, size_t length, const struct reading *reading,
                                size_t *weight)
{
    struct look look = {.at = bytes,
                        .end = bytes + length,
                        .most_levels = reading->levels,
                        .expected = VALUE,
                        .any_number = reading->any_number};
    if (length > INT_MAX)
        return "too long";
    if (!text_is_utf8(bytes, length))
        return "not valid UTF-8";
    if (memchr(bytes, '\0', length))
        return "not valid JSON: it holds a zero byte";
    if (!escapes_are_characters(bytes, length))
        return "JSON with a \\u escape that is no character";
    const char *problem = grammar_problem(&look);
    *weight = look.weight;
    return problem || look.weight <= reading->weight
               ? problem
               : "JSON with too many values (50,000 are allowed; keys count, and an object counts as 8)";
}

/* Ends the process here when the tree and, later, the text made of it would not fit. */
static void ask_for_memory(size_t length, size_t weight)
{
    enum {
        TREE_BYTES = 128,
        TEXTS = 4
    }; /* a value's; the tokener's copy, doubled, the tree's, and the text */
    memory_free(memory_reserve(length * TEXTS + weight * TREE_BYTES));
}

/* The grammar is right, so what json-c says is about the depth, where it counts the innermost value, too; or
 * it had no memory, which it tells from 0.17 on, and until then only by having no tree. */
static const char *tokener_problem(enum json_tokener_error code, const struct json_object *parsed,
                                   bool is_null)
{
#if JSON_C_VERSION_NUM >= 0x001100
    if (code == json_tokener_error_memory)
        memory_exhausted();
#endif
    if (code == json_tokener_success && !parsed && !is_null)
        memory_exhausted();
    return code == json_tokener_success ? NULL : code == json_tokener_error_depth ? DEEP : INVALID;
}

static const char *run_tokener(const char *bytes, size_t length, int levels, struct json_object **parsed)
{
    struct json_tokener *tokener = json_tokener_new_ex(levels);
    if (!tokener)
        memory_exhausted();
    *parsed = json_tokener_parse_ex(tokener, bytes, (int)length);
    enum json_tokener_error code = json_tokener_get_error(tokener);
    /* A number or literal at the very end is only complete once the end is seen. */
    if (code == json_tokener_continue) {
        *parsed = json_tokener_parse_ex(tokener, "", 1);
        code = json_tokener_get_error(tokener);
    }
    json_tokener_free(tokener);
    while (length && strchr(" \t\r\n", *bytes)) {
        bytes++;
        length--;
    }
    return tokener_problem(code, *parsed, length && *bytes == 'n');
}

static bool parse_text(const char *bytes, size_t length, struct reading reading, struct json_object **value,
                       const char **problem)
{
    struct json_object *parsed = NULL;
    size_t weight;
    *value = NULL;
    *problem = text_problem(bytes, length, &reading, &weight);
    if (*problem)
        return false;
    ask_for_memory(length, weight);
    *problem = run_tokener(bytes, length, (int)reading.levels, &parsed);
    if (!*problem && !reading.any_number && !numbers_are_finite(parsed))
        *problem = LARGE;
    if (*problem) {
        json_object_put(parsed);
        return false;
    }
    *value = parsed;
    return true;
}

bool json_parse(const char *bytes, size_t length, struct json_object **value, const char **problem)
{
    const struct reading strict = {.levels = LIMIT_JSON_DEPTH, .weight = LIMIT_JSON_WEIGHT};
    return parse_text(bytes, length, strict, value, problem);
}

bool json_parse_entry(const char *bytes, size_t length, struct json_object **value, const char **problem)
{
    const struct reading lower = {.levels = LIMIT_JSON_DEPTH - 1, .weight = LIMIT_JSON_WEIGHT};
    return parse_text(bytes, length, lower, value, problem);
}

bool json_parse_any_number(const char *bytes, size_t length, struct json_object **value, const char **problem)
{
    const struct reading any = {.any_number = true, .levels = LIMIT_JSON_DEPTH, .weight = LIMIT_JSON_WEIGHT};
    return parse_text(bytes, length, any, value, problem);
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
    const struct reading own = {.any_number = true, .levels = LIMIT_JSON_DEPTH, .weight = SIZE_MAX};
    struct json_object *value;
    const char *problem;
    if (!parse_text(json, strlen(json), own, &value, &problem))
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

struct json_object *json_member_object(struct json_object *object, const char *key)
{
    struct json_object *member = json_member(object, key);
    if (!json_object_is_type(member, json_type_array) || json_object_array_length(member))
        return member;
    json_add(object, key, json_object_new_object());
    return json_member(object, key);
}

void json_add(struct json_object *object, const char *key, struct json_object *value)
{
    json_object_object_add(object, key, value);
}

void json_add_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, text ? json_object_new_string(text) : NULL);
}

const char *json_spell_number(struct arena *arena, struct json_object *number)
{
    enum { EXACT_DIGITS = 17 };
    static const double largest_written_out = 1e21;
    const char *text = json_object_get_string(number);
    double value = json_object_get_double(number);
    bool written_out = fabs(value) < largest_written_out && value == floor(value);
    char *spelled = decimal_is_plain(text) ? arena_copy_text(arena, text)
                    : written_out          ? arena_format(arena, "%.0f", value)
                                           : arena_format(arena, "%.*g", EXACT_DIGITS, value);
    if (decimal_is_plain(spelled))
        decimal_normalize(spelled);
    return spelled;
}
