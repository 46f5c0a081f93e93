/* Strict JSON reading on top of json-c: the one door for JSON from outside.
 *
 * Refused, though json-c alone lets it pass: invalid UTF-8, lone surrogates, \u0000, NaN and Infinity,
 * numbers that overflow a double or an integer of 64 bits, signed or unsigned, comments, trailing text, more than LIMIT_JSON_DEPTH
 * levels, more than LIMIT_JSON_WEIGHT. Decided: of equal keys in one object the last one counts. Memory that
 * is not there ends the process (memory.h), here as elsewhere. */
#ifndef PALATE_BASE_JSON_H
#define PALATE_BASE_JSON_H

#include "base/arena.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses exactly one value from length bytes. On success the caller owns *value (json_object_put; NULL
 * stands for JSON null). On failure *problem says what is wrong, as a literal that fits behind "is". */
bool json_parse(const char *bytes, size_t length, struct json_object **value, const char **problem)
    __attribute__((nonnull, warn_unused_result));

/* The same for an entry of a list that is not parsed itself: it stands one level down. */
bool json_parse_entry(const char *bytes, size_t length, struct json_object **value, const char **problem)
    __attribute__((nonnull, warn_unused_result));

/* The same for replies of services, in which NaN, Infinity and numbers that are too large are distinguished
 * only by whoever reads the value: not finite, or cut to the greatest 64-bit integer. */
bool json_parse_any_number(const char *bytes, size_t length, struct json_object **value, const char **problem)
    __attribute__((nonnull, warn_unused_result));

/* As json_parse(), with the value released at the arena's reset. */
bool json_parse_arena(struct arena *arena, const char *bytes, size_t length, struct json_object **value,
                      const char **problem) __attribute__((nonnull, warn_unused_result));

/* Hands a value over to the arena; returns it. */
struct json_object *json_keep(struct arena *arena, struct json_object *value) __attribute__((nonnull(1)));

/* Compact text of a tree, valid as long as the value is unchanged. Slashes are not escaped. */
const char *json_text(struct json_object *value) __attribute__((returns_nonnull));

/* The same JSON text as people like to read it: a line for each value, with two spaces a level. As it is when
 * it is no JSON. */
const char *json_indent(struct arena *arena, const char *json) __attribute__((nonnull, returns_nonnull));

/* The member of an object, NULL when absent or null (an explicit null counts as absent). */
struct json_object *json_member(struct json_object *object, const char *key) __attribute__((nonnull(2)));

/* The same for a member that is to be an object: an empty list, which is how PHP writes an array without members
 * (json_encode([])), becomes an object without members, in place. Anything else is returned as it is. */
struct json_object *json_member_object(struct json_object *object, const char *key)
    __attribute__((nonnull(2)));

/* Add a member, or replace it. The value is taken over. NULL text adds null. */
void json_add(struct json_object *object, const char *key, struct json_object *value)
    __attribute__((nonnull(1, 2)));
void json_add_text(struct json_object *object, const char *key, const char *text)
    __attribute__((nonnull(1, 2)));

/* The one spelling of a JSON number, in the arena: 7 for 7, 7.0 and 7e0 (base/decimal.h). Whole numbers are exact at
 * any length. */
const char *json_spell_number(struct arena *arena, struct json_object *number)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
