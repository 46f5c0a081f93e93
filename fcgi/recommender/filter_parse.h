/* Filters as callers and operators write them, read into conditions: the one parser for contexts, requests,
 * searches and explanations. Structured entries {column, operator, value, logic} and the shorthand
 *
 *     filter = [ ("AND:" | "OR:") ] field op value     the prefix only counts if a field, op and value follow
 *     field  = 1*( any character except ! = < > : )    dots walk into nested objects
 *     op     = "!=" | ">=" | "<=" | ":" | "=" | ">" | "<"    the first one ends the field; ":" means "="
 *     value  = the rest, which may hold ":" and may be empty
 *
 * Does not know catalogues: engine/filter.h says what a condition means. */
#ifndef PALATE_RECOMMENDER_FILTER_PARSE_H
#define PALATE_RECOMMENDER_FILTER_PARSE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json_write.h"
#include "engine/filter.h"

#include <json-c/json.h>

/* Conditions of one bracket, at most LIMIT_FILTER_CONDITIONS. Begins as {0}; every call appends. */
struct filter_list {
    struct filter_condition *conditions;
    size_t count;
};

struct filter_parser {
    struct arena *arena; /* everything is copied into it */
    struct error *error;
    enum error_code code; /* for whatever is wrong; ERROR_VALIDATION also lists the field */
};

/* Appends a list of structured entries. field is its name in errors. */
bool filter_parse_structured(const struct filter_parser *parser, struct json_object *json, const char *field,
                             struct filter_list *list) __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* Appends one shorthand. */
bool filter_parse_shorthand(const struct filter_parser *parser, const char *text, const char *field,
                            struct filter_list *list) __attribute__((nonnull, warn_unused_result));

/* Appends a shorthand, a structured entry or a list of either. NULL is nothing. */
bool filter_parse_any(const struct filter_parser *parser, struct json_object *json, const char *field,
                      struct filter_list *list) __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* Writes a condition as such an entry; key: NULL in a list. Values are text whatever they were written as:
 * that is how conditions keep them. An operator without one (EXISTS) gets the value null, or no member value.
 */
void filter_condition_write(struct json_writer *out, const char *key,
                            const struct filter_condition *condition, bool null_value)
    __attribute__((nonnull(1, 3)));

#endif
