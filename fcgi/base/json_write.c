/* JSON as text, member by member; see json_write.h.
 *
 * The problem: an answer with fifty recommendations has some four thousand values. A tree of json-c costs an
 * allocation, a hash table entry and a walk for each of them: an answer with explanations took seven times as
 * long to write as it does now.
 *
 * The idea: one growing buffer, and what JSON needs to know about the place where the next value goes: how
 * deep it is, whether a value stands in front of it (then a comma), and for each level whether it is a list,
 * as one bit. Three things make it quick beyond that:
 *
 * - Numbers with six digits are printed by scaling to an integer, some ten times as fast as snprintf(); the
 *   few whose rounding is in doubt go to libc, so that the text is always that of %.6g.
 * - Strings are copied in runs between characters that need an escape.
 * - Stored JSON is not parsed where json_is_plain_object() shows that it may be copied as it is
 *   (base/json_plain.h).
 *
 * - Long JSON that stands elsewhere until the answer is sent, as the metadata of a thousand items in the body
 *   that brought them, is not copied either (json_writer_share): the writer notes where it belongs.
 *
 * Cost: linear in the length of the text; memory at most four times the text, and 16 KiB at least.
 *
 * What it does not do: it compares no keys, it indents nothing, and it does not check text that it is told is
 * JSON. */
#include "base/json_write.h"

#include "base/json_plain.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 6, NUMBER_BYTES = 32, LEAST_EXPONENT = -4 };

static size_t write_as_libc(char text[NUMBER_BYTES], double number)
{
    int length = snprintf(text, NUMBER_BYTES, "%.6g", number);
    return length > 0 ? (size_t)length : 0;
}

/* The decimal exponent of 0.0001 to 999,999. */
static int exponent_of(double magnitude)
{
    static const double powers[] = {1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4, 1e5};
    int exponent = LEAST_EXPONENT;
    for (size_t i = 0; i < sizeof(powers) / sizeof(*powers) && magnitude >= powers[i]; i++)
        exponent++;
    return exponent;
}

/* Six digits as text, without zeros at the end; returns how many are left, one at least. */
static int write_digits(char digits[DIGITS], unsigned number)
{
    int used = DIGITS;
    for (int i = DIGITS; i-- > 0; number /= 10)
        digits[i] = (char)('0' + number % 10);
    while (used > 1 && digits[used - 1] == '0')
        used--;
    return used;
}

static size_t write_places(char *text, const char digits[DIGITS], int used, int exponent)
{
    char *at = text;
    int whole = exponent + 1; /* digits in front of the point */
    if (whole <= 0)
        *at++ = '0';
    for (int i = 0; i < whole; i++)
        *at++ = digits[i]; /* zeros that had been taken away included: all six are there */
    if (used > whole)
        *at++ = '.';
    for (int i = whole; i < 0; i++)
        *at++ = '0';
    for (int i = whole > 0 ? whole : 0; i < used; i++)
        *at++ = digits[i];
    return (size_t)(at - text);
}

/* The text of %.6g, some ten times as fast. A product that lies so near to the middle between two texts that
 * its own rounding could decide is left to libc, and so is what it would print with an exponent. */
static size_t write_number(char text[NUMBER_BYTES], double number)
{
    static const double scales[] = {1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1};
    double magnitude = fabs(number);
    if (magnitude == 0 && !signbit(number)) {
        *text = '0';
        return 1;
    }
    if (!(magnitude >= 1e-4 && magnitude < 999999))
        return write_as_libc(text, number);
    int exponent = exponent_of(magnitude);
    double scaled = magnitude * scales[exponent - LEAST_EXPONENT];
    unsigned whole = (unsigned)scaled;
    double rest = scaled - whole;
    if (fabs(rest - 0.5) < 1e-6)
        return write_as_libc(text, number);
    whole += rest > 0.5;
    if (whole == 1000000) {
        whole = 100000;
        exponent++;
    }
    char digits[DIGITS];
    int used = write_digits(digits, whole);
    *text = '-';
    size_t sign = number < 0;
    return sign + write_places(text + sign, digits, used, exponent);
}

/* ---- The writer */

enum { FIRST_BYTES = 16 * 1024, SHARED_BYTES = 256 /* from here a reference is cheaper than a copy */ };

/* A text that stands elsewhere, and how much of the writer's own text comes before it. */
struct shared_text {
    size_t before, length;
    const char *text;
};

struct json_writer {
    struct arena *arena;
    char *text;
    size_t length, size;
    unsigned depth;
    uint32_t lists;                  /* a bit for each level: is it a list? */
    bool comma;                      /* a value stands in front, on the same level */
    size_t starts[LIMIT_JSON_DEPTH]; /* where the open values begin */
    struct json_span last;
    bool shares, ids_are_integers;
    struct shared_text *shared;
    size_t shared_count, shared_size;
};

static void free_text(void *object)
{
    struct json_writer *writer = object;
    memory_free(writer->text);
    memory_free(writer->shared);
}

struct json_writer *json_writer_create(struct arena *arena)
{
    struct json_writer *writer = arena_alloc(arena, 1, sizeof(*writer));
    writer->arena = arena;
    writer->size = FIRST_BYTES;
    writer->text = memory_resize(NULL, writer->size, 1);
    arena_defer(arena, free_text, writer);
    return writer;
}

const char *json_writer_result(struct json_writer *writer)
{
    assert(!writer->depth && writer->comma); /* one value, and all of it */
    assert(!writer->shares);
    return writer->text;
}

void json_writer_share(struct json_writer *writer)
{
    writer->shares = true;
}

size_t json_writer_length(const struct json_writer *writer)
{
    size_t length = writer->length;
    for (size_t i = 0; i < writer->shared_count; i++)
        length += writer->shared[i].length;
    return length;
}

bool json_writer_send(const struct json_writer *writer,
                      bool (*send)(void *context, const char *bytes, size_t length), void *context)
{
    size_t sent = 0;
    assert(!writer->depth && writer->comma);
    for (size_t i = 0; i < writer->shared_count; i++) {
        const struct shared_text *shared = &writer->shared[i];
        if (!send(context, writer->text + sent, shared->before - sent) ||
            !send(context, shared->text, shared->length))
            return false;
        sent = shared->before;
    }
    return send(context, writer->text + sent, writer->length - sent);
}

/* Room for so many bytes more, and for the zero behind them. */
static char *reserve_bytes(struct json_writer *writer, size_t bytes)
{
    if (writer->size - writer->length <= bytes) {
        writer->size = (writer->size + bytes) * 2;
        writer->text = memory_resize(writer->text, writer->size, 1);
    }
    return writer->text + writer->length;
}

static void put_bytes(struct json_writer *writer, const char *bytes, size_t length)
{
    memcpy(reserve_bytes(writer, length), bytes, length);
    writer->length += length;
}

static void put_character(struct json_writer *writer, char character)
{
    *reserve_bytes(writer, 1) = character;
    writer->length++;
}

/* The first character that json-c escapes (slashes are not), or the end. */
static const char *plain_end(const char *text)
{
    static const bool special[256] = {
        [0] = true,  [1] = true,  [2] = true,  [3] = true,  [4] = true,   [5] = true,   [6] = true,
        [7] = true,  [8] = true,  [9] = true,  [10] = true, [11] = true,  [12] = true,  [13] = true,
        [14] = true, [15] = true, [16] = true, [17] = true, [18] = true,  [19] = true,  [20] = true,
        [21] = true, [22] = true, [23] = true, [24] = true, [25] = true,  [26] = true,  [27] = true,
        [28] = true, [29] = true, [30] = true, [31] = true, ['"'] = true, ['\\'] = true};
    while (!special[(unsigned char)*text])
        text++;
    return text;
}

static void put_escape(struct json_writer *writer, unsigned char character)
{
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt", hex[] = "0123456789abcdef";
    for (const char *at = shorts; *at; at += 2) {
        if (*at == (char)character) {
            put_bytes(writer, (char[]){'\\', at[1]}, 2);
            return;
        }
    }
    put_bytes(writer, "\\u00", 4);
    put_bytes(writer, (char[]){hex[character >> 4], hex[character & 15]}, 2);
}

static void put_string(struct json_writer *writer, const char *text)
{
    put_character(writer, '"');
    for (const char *end;; text = end + 1) {
        end = plain_end(text);
        put_bytes(writer, text, (size_t)(end - text));
        if (!*end)
            break;
        put_escape(writer, (unsigned char)*end);
    }
    put_character(writer, '"');
}

/* What stands in front of a value, and where the value begins. */
static size_t begin_value(struct json_writer *writer, const char *key)
{
    bool list = !writer->depth || writer->lists >> (writer->depth - 1) & 1;
    assert(list == !key);
    assert(writer->depth || !writer->comma); /* there is one outermost value */
    if (writer->comma)
        put_character(writer, ',');
    if (key) {
        put_string(writer, key);
        put_character(writer, ':');
    }
    return writer->length;
}

static void end_value(struct json_writer *writer, size_t start)
{
    writer->last = (struct json_span){start, writer->length - start};
    writer->comma = true;
    *reserve_bytes(writer, 0) = '\0';
}

static void put_value(struct json_writer *writer, const char *key, const char *json, size_t length)
{
    size_t start = begin_value(writer, key);
    put_bytes(writer, json, length);
    end_value(writer, start);
}

/* ---- Levels */

static void open_level(struct json_writer *writer, const char *key, const char *head, size_t length,
                       bool list)
{
    assert(writer->depth < LIMIT_JSON_DEPTH);
    size_t start = begin_value(writer, key);
    uint32_t bit = UINT32_C(1) << writer->depth;
    put_bytes(writer, head, length);
    writer->starts[writer->depth++] = start;
    writer->lists = list ? writer->lists | bit : writer->lists & ~bit;
    writer->comma = length > 1;
}

void json_writer_object(struct json_writer *writer, const char *key)
{
    open_level(writer, key, "{", 1, false);
}

void json_writer_list(struct json_writer *writer, const char *key)
{
    open_level(writer, key, "[", 1, true);
}

void json_writer_object_from(struct json_writer *writer, const char *key, const char *object)
{
    size_t length = strlen(object);
    assert(length > 1 && object[0] == '{' && object[length - 1] == '}');
    open_level(writer, key, object, length - 1, false);
}

void json_writer_end(struct json_writer *writer)
{
    assert(writer->depth);
    writer->depth--;
    put_character(writer, writer->lists >> writer->depth & 1 ? ']' : '}');
    end_value(writer, writer->starts[writer->depth]);
}

/* ---- Values */

void json_writer_text(struct json_writer *writer, const char *key, const char *text)
{
    if (!text) {
        json_writer_null(writer, key);
        return;
    }
    size_t start = begin_value(writer, key);
    put_string(writer, text);
    end_value(writer, start);
}

void json_writer_null(struct json_writer *writer, const char *key)
{
    put_value(writer, key, "null", 4);
}

void json_writer_boolean(struct json_writer *writer, const char *key, bool flag)
{
    put_value(writer, key, flag ? "true" : "false", flag ? 4 : 5);
}

void json_writer_ids_as_integers(struct json_writer *writer)
{
    writer->ids_are_integers = true;
}

/* Shops whose ids are numbers have clients that compare them as numbers. A number of JSON is a double for most
 * readers: beyond 2^53 - 1 two ids would become one, so those stay text. */
void json_writer_id(struct json_writer *writer, const char *key, const char *id)
{
    static const int64_t largest_exact = (INT64_C(1) << 53) - 1;
    int64_t number;
    if (writer->ids_are_integers && id && id[0] >= '0' && id[0] <= '9' && (id[0] != '0' || !id[1]) &&
        text_to_int64(id, &number) && number <= largest_exact)
        json_writer_integer(writer, key, number);
    else
        json_writer_text(writer, key, id);
}

void json_writer_integer(struct json_writer *writer, const char *key, int64_t number)
{
    char text[INTEGER_TEXT_SIZE];
    size_t length = text_of_int64(number, text);
    put_value(writer, key, text, length);
}

void json_writer_number(struct json_writer *writer, const char *key, double number)
{
    size_t start = begin_value(writer, key);
    writer->length += write_number(reserve_bytes(writer, NUMBER_BYTES), number);
    end_value(writer, start);
}

/* json-c's way: what has neither a point nor an exponent gets ".0", so that it is read as a double again. */
void json_writer_double(struct json_writer *writer, const char *key, double number)
{
    char text[NUMBER_BYTES];
    if (!isfinite(number)) {
        const char *name = isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        put_value(writer, key, name, strlen(name));
        return;
    }
    int length = snprintf(text, sizeof(text) - 2, "%.17g", number);
    snprintf(text + length, 3, "%s", strpbrk(text, ".e") ? "" : ".0");
    put_value(writer, key, text, strlen(text));
}

void json_writer_integer_or_null(struct json_writer *writer, const char *key, bool known, int64_t number)
{
    if (known)
        json_writer_integer(writer, key, number);
    else
        json_writer_null(writer, key);
}

void json_writer_number_or_null(struct json_writer *writer, const char *key, bool known, double number)
{
    if (known)
        json_writer_number(writer, key, number);
    else
        json_writer_null(writer, key);
}

/* Vectors are most of an answer's bytes: a loop of its own, without levels. */
void json_writer_numbers(struct json_writer *writer, const char *key, const float *numbers, size_t count)
{
    size_t start = begin_value(writer, key);
    put_character(writer, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            put_character(writer, ',');
        writer->length += write_number(reserve_bytes(writer, NUMBER_BYTES), (double)numbers[i]);
    }
    put_character(writer, ']');
    end_value(writer, start);
}

void json_writer_texts(struct json_writer *writer, const char *key, const char *const *texts, size_t count)
{
    json_writer_list(writer, key);
    for (size_t i = 0; i < count; i++)
        json_writer_text(writer, NULL, texts[i]);
    json_writer_end(writer);
}

void json_writer_json(struct json_writer *writer, const char *key, struct json_object *value)
{
    const char *text = json_text(value);
    put_value(writer, key, text, strlen(text));
}

void json_writer_written(struct json_writer *writer, const char *key, const char *json)
{
    json_writer_part(writer, key, json, strlen(json));
}

void json_writer_part(struct json_writer *writer, const char *key, const char *json, size_t length)
{
    if (!writer->shares || length < SHARED_BYTES) {
        put_value(writer, key, json, length);
        return;
    }
    if (writer->shared_count == writer->shared_size) {
        writer->shared_size = writer->shared_size * 2 + 16;
        writer->shared = memory_resize(writer->shared, writer->shared_size, sizeof(*writer->shared));
    }
    size_t start = begin_value(writer, key);
    writer->shared[writer->shared_count++] =
        (struct shared_text){.before = writer->length, .length = length, .text = json};
    end_value(writer, start);
}

void json_writer_stored(struct json_writer *writer, const char *key, const char *stored)
{
    struct json_object *parsed = NULL;
    const char *problem;
    if (json_is_plain_object(stored))
        json_writer_written(writer, key, stored);
    else if (json_parse(stored, strlen(stored), &parsed, &problem) &&
             json_object_is_type(parsed, json_type_object))
        json_writer_json(writer, key, parsed);
    else
        json_writer_written(writer, key, "{}");
    json_object_put(parsed); /* a list has many: none of them waits for the arena's reset */
}

struct json_span json_writer_last(const struct json_writer *writer)
{
    return writer->last;
}

void json_writer_again(struct json_writer *writer, const char *key, struct json_span value)
{
    assert(!writer->shares && value.start + value.length <= writer->length);
    size_t start = begin_value(writer, key);
    char *to =
        reserve_bytes(writer, value.length); /* may move the text: the value's address comes after it */
    memcpy(to, writer->text + value.start, value.length);
    writer->length += value.length;
    end_value(writer, start);
}

const char *json_of_texts(struct arena *arena, const char *const *texts, size_t count)
{
    struct json_writer *writer = json_writer_create(arena);
    json_writer_texts(writer, NULL, texts, count);
    return json_writer_result(writer);
}
