/* Reads filters; see filter_parse.h.
 *
 * A recursive descent of depth one: a list of entries, each an object or a shorthand, each appended to one
 * bracket of conditions. The shorthand is split at the first operator sign, so field names cannot hold one
 * and values can; longer signs are tried before shorter ones that they begin with ("!=" before "=").
 *
 * Everything is copied into the arena, so conditions live as long as it, whatever becomes of the JSON. Every
 * size is limited (base/limits.h): a filter is evaluated on each item, so its length multiplies the cost of
 * an answer. A value that is a number is kept as text and number, because only the operator decides
 * which of them counts. Blanks around an operator mean nothing.
 *
 * The first thing that is wrong ends the reading, with a message that names the entry and what is allowed. */
#include "recommender/filter_parse.h"

#include "base/decimal.h"
#include "base/json.h"
#include "base/moment.h"
#include "base/text.h"
#include "engine/catalogue.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Sets the parser's error about a field. False, so that a function can end with it. */
__attribute__((format(printf, 3, 4))) static bool refuse_field(const struct filter_parser *parser,
                                                               const char *field, const char *format, ...)
{
    char problem[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, sizeof(problem), format, arguments);
    va_end(arguments);
    if (parser->code == ERROR_VALIDATION)
        return error_field(parser->error, arena_copy_text(parser->arena, field), "%s", problem);
    return error_set(parser->error, parser->code, "%s %s", field, problem);
}

/* Room for one more condition; NULL, with an error, where there is none. */
static struct filter_condition *append_condition(const struct filter_parser *parser, const char *field,
                                                 struct filter_list *list)
{
    if (!list->conditions)
        list->conditions = arena_alloc(parser->arena, LIMIT_FILTER_CONDITIONS, sizeof(*list->conditions));
    if (list->count < LIMIT_FILTER_CONDITIONS)
        return &list->conditions[list->count++];
    refuse_field(parser, field, "must have at most %d entries", LIMIT_FILTER_CONDITIONS);
    return NULL;
}

/* Text that is an amount counts as one, for bounds. */
static bool set_value(const struct filter_parser *parser, const char *text, const char *field,
                      struct filter_value *value)
{
    double number;
    if (text_count_characters(text) > LIMIT_FILTER_TEXT_CHARACTERS)
        return refuse_field(parser, field, "must have at most %d characters", LIMIT_FILTER_TEXT_CHARACTERS);
    value->text = arena_copy_text(parser->arena, text);
    value->number = decimal_parse_amount(value->text, &number) ? number : (double)NAN;
    return true;
}

static bool reads_texts(enum filter_operator op)
{
    return op == FILTER_LIKE || op == FILTER_NOT_LIKE || op == FILTER_ILIKE || op == FILTER_NOT_ILIKE;
}

/* "created" and "updated_at" are Unix seconds, and what they are compared with may be any moment. A number that is
 * no plausible one is a bound that keeps all or none (0, 4102444800), and stays; text that is none is refused,
 * since it would be a bound that no item ever passes. */
static bool set_moments(const struct filter_parser *parser, const char *field,
                        const struct filter_condition *condition, struct filter_value *values)
{
    const char *path;
    enum catalogue_column_kind kind = catalogue_column_kind(condition->column, &path);
    if ((kind != CATALOGUE_COLUMN_CREATED && kind != CATALOGUE_COLUMN_UPDATED) ||
        reads_texts(condition->operator))
        return true;
    for (size_t i = 0; i < condition->value_count; i++) {
        int64_t milliseconds;
        if (moment_parse(values[i].text, &milliseconds))
            values[i].number = (double)milliseconds / 1000;
        else if (isnan(values[i].number))
            return refuse_field(parser, field, "%s", MOMENT_RULE);
    }
    return true;
}

/* ---- Structured */

static bool read_value(const struct filter_parser *parser, struct json_object *json, const char *field,
                       struct filter_value *value)
{
    switch (json_object_get_type(json)) {
    case json_type_double: /* 5e2 is the number 500 here, and not the text that it is in quotes */
        return set_value(parser, json_spell_number(parser->arena, json), field, value);
    case json_type_string:
    case json_type_int:
    case json_type_boolean:
        return set_value(parser, json_object_get_string(json), field, value);
    default:
        return refuse_field(parser, field, "must be text, a number or a boolean");
    }
}

/* IN also takes one text with commas, as it is written in a query string. Blanks around a value do not count.
 */
static struct json_object *split_commas(const struct filter_parser *parser, struct json_object *json)
{
    if (!json_object_is_type(json, json_type_string))
        return json;
    struct json_object *list = json_keep(parser->arena, json_object_new_array());
    char *at = arena_copy_text(parser->arena, json_object_get_string(json));
    for (char *part; (part = strsep(&at, ","));) {
        part += strspn(part, " ");
        size_t length = strlen(part);
        while (length && part[length - 1] == ' ')
            part[--length] = '\0';
        json_object_array_add(list, json_object_new_string(part));
    }
    return list;
}

static bool read_values(const struct filter_parser *parser, struct json_object *json, const char *field,
                        struct filter_condition *condition)
{
    bool list = condition->operator== FILTER_IN || condition->operator== FILTER_NOT_IN;
    if (condition->operator== FILTER_EXISTS || condition->operator== FILTER_NOT_EXISTS)
        return true;
    if (!json)
        return refuse_field(parser, field, "is missing");
    if (list)
        json = split_commas(parser, json);
    /* A list for = would have to mean IN or "all of them"; neither is guessed. */
    bool is_array = json_object_is_type(json, json_type_array);
    if (is_array != list)
        return refuse_field(parser, field, list ? "must be a list or text with commas" : "must be one value");
    size_t count = is_array ? json_object_array_length(json) : 1;
    if (count > LIMIT_FILTER_VALUES)
        return refuse_field(parser, field, "must have at most %d values", LIMIT_FILTER_VALUES);
    struct filter_value *values = arena_alloc(parser->arena, count ? count : 1, sizeof(*values));
    for (size_t i = 0; i < count; i++) {
        if (!read_value(parser, is_array ? json_object_array_get_idx(json, i) : json, field, &values[i]))
            return false;
    }
    condition->values = values;
    condition->value_count = count;
    return set_moments(parser, field, condition, values);
}

/* AND where nothing is said. */
static bool read_logic(const struct filter_parser *parser, struct json_object *json, const char *field,
                       bool *is_or)
{
    const char *text = json_object_is_type(json, json_type_string) ? json_object_get_string(json)
                       : json                                      ? ""
                                                                   : "AND";
    *is_or = !strcasecmp(text, "OR");
    return *is_or || !strcasecmp(text, "AND") || refuse_field(parser, field, "must be AND or OR");
}

/* Any name is a column: which ones exist differs from item to item, and an item without it has no value. */
static bool set_column(const struct filter_parser *parser, const char *text, const char *field,
                       struct filter_condition *condition)
{
    if (text_count_characters(text) > LIMIT_FILTER_COLUMN_CHARACTERS)
        return refuse_field(parser, field, "must have at most %d characters", LIMIT_FILTER_COLUMN_CHARACTERS);
    condition->column = arena_copy_text(parser->arena, text);
    return true;
}

/* {column, operator, value, logic}: each part has its own name in errors, "filters[2].value". */
static bool read_entry(const struct filter_parser *parser, struct json_object *json, const char *field,
                       struct filter_list *list)
{
    struct filter_condition *condition = append_condition(parser, field, list);
    if (!condition)
        return false;
    if (!json_object_is_type(json, json_type_object))
        return refuse_field(parser, field, "must be an object with column, operator and value");
    struct json_object *column = json_member(json, "column");
    struct json_object *op = json_member(json, "operator");
    const char *column_field = arena_format(parser->arena, "%s.column", field);
    if (!json_object_is_type(column, json_type_string) || !json_object_get_string_len(column))
        return refuse_field(parser, column_field, "must be non-empty text");
    if (!json_object_is_type(op, json_type_string) ||
        !filter_operator_parse(json_object_get_string(op), &condition->operator))
        return refuse_field(
            parser, arena_format(parser->arena, "%s.operator", field),
            "must be one of =, !=, <, <=, >, >=, [NOT] LIKE, [NOT] ILIKE, [NOT] IN, [NOT] EXISTS");
    return set_column(parser, json_object_get_string(column), column_field, condition) &&
           read_logic(parser, json_member(json, "logic"), arena_format(parser->arena, "%s.logic", field),
                      &condition->or_with_previous) &&
           read_values(parser, json_member(json, "value"), arena_format(parser->arena, "%s.value", field),
                       condition);
}

bool filter_parse_structured(const struct filter_parser *parser, struct json_object *json, const char *field,
                             struct filter_list *list)
{
    if (!json_object_is_type(json, json_type_array))
        return refuse_field(parser, field, "must be a list");
    size_t count = json_object_array_length(json);
    if (count > LIMIT_FILTER_CONDITIONS)
        return refuse_field(parser, field, "must have at most %d entries", LIMIT_FILTER_CONDITIONS);
    for (size_t i = 0; i < count; i++) {
        if (!read_entry(parser, json_object_array_get_idx(json, i),
                        arena_format(parser->arena, "%s[%zu]", field, i), list))
            return false;
    }
    return true;
}

/* ---- Shorthand */

static const struct {
    const char *text;
    enum filter_operator operator;
} signs[] = {{"!=", FILTER_NOT_EQUAL}, {">=", FILTER_GREATER_EQUAL}, {"<=", FILTER_LESS_EQUAL},
             {":", FILTER_EQUAL},      {"=", FILTER_EQUAL},          {">", FILTER_GREATER},
             {"<", FILTER_LESS}};

/* Splits field, op and value. *field_length is that of the field; the value is returned, NULL: no filter. */
static const char *split_shorthand(const char *text, size_t *field_length, enum filter_operator *op)
{
    *field_length = strcspn(text, "!=<>:");
    const char *sign = text + *field_length;
    if (strspn(text, " \t") >= *field_length)
        return NULL;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        size_t length = strlen(signs[i].text);
        if (strncmp(sign, signs[i].text, length) != 0)
            continue;
        *op = signs[i].operator;
        /* "==", "=>", "<>" and "> =" are meant for signs that there are not. */
        const char *value = sign + length, *rest = value + strspn(value, " \t");
        bool is_doubled = *rest && strchr("=<>", *rest) && strchr("=<>", signs[i].text[0]);
        return is_doubled ? NULL : value;
    }
    return NULL;
}

/* A part of a shorthand without the blanks around it. */
static char *copy_trimmed(struct arena *arena, const char *text, size_t length)
{
    static const char blanks[] = " \t";
    while (length && strchr(blanks, text[length - 1]))
        length--;
    size_t skipped = strspn(text, blanks);
    return arena_copy_bytes(arena, text + skipped, length - (skipped < length ? skipped : length));
}

bool filter_parse_shorthand(const struct filter_parser *parser, const char *text, const char *field,
                            struct filter_list *list)
{
    text += strspn(text, " \t");
    size_t prefix = !strncmp(text, "AND:", 4) ? 4 : !strncmp(text, "OR:", 3) ? 3 : 0, length;
    enum filter_operator op = FILTER_EQUAL;
    /* "OR:x" without another sign is the field OR, not a prefix. */
    const char *value = prefix ? split_shorthand(text + prefix, &length, &op) : NULL;
    if (!value) {
        prefix = 0;
        value = split_shorthand(text, &length, &op);
    }
    if (!value)
        return refuse_field(
            parser, field,
            "must be field, operator and value, such as category:books, price<=10 or brand!=Acme");
    struct filter_condition *condition = append_condition(parser, field, list);
    struct filter_value *held = arena_alloc(parser->arena, 1, sizeof(*held));
    if (!condition)
        return false;
    condition->operator= op;
    condition->or_with_previous = prefix == 3;
    condition->values = held;
    condition->value_count = 1;
    return set_column(parser, copy_trimmed(parser->arena, text + prefix, length), field, condition) &&
           set_value(parser, copy_trimmed(parser->arena, value, strlen(value)), field, held) &&
           set_moments(parser, field, condition, held);
}

/* Of a list of mixed entries. */
static bool parse_one(const struct filter_parser *parser, struct json_object *json, const char *field,
                      struct filter_list *list)
{
    if (json_object_is_type(json, json_type_string))
        return filter_parse_shorthand(parser, json_object_get_string(json), field, list);
    if (json_object_is_type(json, json_type_object))
        return read_entry(parser, json, field, list);
    return refuse_field(parser, field, "must be text such as category:books, or {column, operator, value}");
}

bool filter_parse_any(const struct filter_parser *parser, struct json_object *json, const char *field,
                      struct filter_list *list)
{
    if (!json)
        return true;
    if (!json_object_is_type(json, json_type_array))
        return parse_one(parser, json, field, list);
    for (size_t i = 0; i < json_object_array_length(json); i++) {
        if (!parse_one(parser, json_object_array_get_idx(json, i),
                       arena_format(parser->arena, "%s[%zu]", field, i), list))
            return false;
    }
    return true;
}

void filter_condition_write(struct json_writer *out, const char *key,
                            const struct filter_condition *condition, bool null_value)
{
    json_writer_object(out, key);
    json_writer_text(out, "column", condition->column);
    json_writer_text(out, "operator", filter_operator_name(condition->operator));
    if (condition->operator== FILTER_IN || condition->operator== FILTER_NOT_IN) {
        json_writer_list(out, "value");
        for (size_t i = 0; i < condition->value_count; i++)
            json_writer_text(out, NULL, condition->values[i].text);
        json_writer_end(out);
    } else if (condition->value_count || null_value) {
        json_writer_text(out, "value", condition->value_count ? condition->values[0].text : NULL);
    }
    json_writer_text(out, "logic", condition->or_with_previous ? "OR" : "AND");
    json_writer_end(out);
}
