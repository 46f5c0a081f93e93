/* Typed reading of parameters; see parameters.h.
 *
 * Query and form have only texts, JSON has types, and both are merged before they are checked
 * (read_parameters.c). So a number is also taken as text that is a number, and a truth value as "true" or
 * "false", wherever it came from; a text is never taken from a number, but for ids, which clients write as
 * either. Most readers leave their result alone when the parameter is absent, so the caller sets the default
 * before, and they report under the name that the caller used. */
#include "request/parameters.h"

#include "base/json.h"
#include "base/text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

bool parameter_text(struct json_object *value, const char *field, enum text_rule rule, size_t maximum,
                    const char **text, struct error *error)
{
    if (!value)
        return true;
    if (!json_object_is_type(value, json_type_string))
        return error_field(error, field, "must be text");
    const char *bytes = json_object_get_string(value);
    size_t length = (size_t)json_object_get_string_len(value);
    if (rule != TEXT_FREE && length == 0)
        return error_field(error, field, "must not be empty");
    if (rule != TEXT_FREE && text_has_control(bytes, length))
        return error_field(error, field, "must not have control characters");
    if (rule == TEXT_ID && text_is_blank(bytes))
        return error_field(error, field, "must not be blanks alone");
    if (rule == TEXT_FREE && strlen(bytes) != length)
        return error_field(error, field, "must not have zero characters");
    if (length > maximum && text_count_characters(bytes) > maximum)
        return error_field(error, field, "must have at most %zu characters", maximum);
    *text = bytes;
    return true;
}

bool parameter_id(struct json_object *value, const char *field, size_t maximum, struct arena *arena,
                  const char **text, struct error *error)
{
    if (!json_object_is_type(value, json_type_int))
        return parameter_text(value, field, TEXT_ID, maximum, text, error);
    *text = arena_copy_text(arena, json_object_get_string(value));
    return true;
}

struct json_object *parameter_first(struct json_object *object, const char *const *names, const char **field)
{
    *field = names[0];
    for (; *names; names++) {
        struct json_object *value = json_member(object, *names);
        if (value) {
            *field = *names;
            return value;
        }
    }
    return NULL;
}

static bool as_double(struct json_object *value, double *number)
{
    switch (json_object_get_type(value)) {
    case json_type_int:
    case json_type_double:
        *number = json_object_get_double(value);
        return true;
    case json_type_string:
        return strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value) &&
               text_to_double(json_object_get_string(value), number);
    default:
        return false;
    }
}

bool parameter_integer(struct json_object *value, const char *field, int64_t minimum, int64_t maximum,
                       int64_t *number, struct error *error)
{
    double real;
    if (!value)
        return true;
    if (!as_double(value, &real) || real != floor(real) || real < (double)minimum || real > (double)maximum)
        return error_field(error, field, "must be a whole number from %lld to %lld", (long long)minimum,
                           (long long)maximum);
    *number = (int64_t)real;
    return true;
}

bool parameter_page_value(struct json_object *value, const char *field, size_t *limit, struct error *error)
{
    double number;
    if (!as_double(value, &number) || !(number >= 1))
        return error_set(error, ERROR_INVALID_LIMIT, "%s must be a number of at least 1", field);
    *limit = number > LIMIT_PAGE ? LIMIT_PAGE : (size_t)number;
    return true;
}

bool parameter_page(struct json_object *merged, size_t *limit, struct error *error)
{
    struct json_object *value = json_member(merged, "limit");
    *limit = DEFAULT_PAGE;
    return !value || parameter_page_value(value, "limit", limit, error);
}

bool parameter_amount(struct json_object *value, const char *field, double *number, bool *present,
                      struct error *error)
{
    *present = false;
    if (!value)
        return true;
    if (!as_double(value, number) || *number < 0)
        return error_field(error, field, "must be a number of at least 0");
    *present = true;
    return true;
}

bool parameter_boolean(struct json_object *value, const char *field, bool *flag, struct error *error)
{
    if (!value)
        return true;
    const char *text = json_object_get_string(value);
    bool typed =
        json_object_is_type(value, json_type_boolean) || json_object_is_type(value, json_type_string);
    if (!typed || (strcmp(text, "true") && strcmp(text, "false")))
        return error_field(error, field, "must be true or false");
    *flag = text[0] == 't';
    return true;
}

bool parameter_wish(struct json_object *value, const char *field, bool *flag, struct error *error)
{
    static const char *const words[] = {"true", "full", "basic", "1", "false", "none", "0"};
    enum { WORDS = sizeof(words) / sizeof(words[0]), YES = 4 };
    if (!value)
        return true;
    bool typed =
        !json_object_is_type(value, json_type_object) && !json_object_is_type(value, json_type_array);
    for (size_t i = 0; typed && i < WORDS; i++) {
        if (strcasecmp(json_object_get_string(value), words[i]) != 0)
            continue;
        *flag = i < YES;
        return true;
    }
    return error_field(error, field, "must be true, full, basic or 1, or false, none or 0");
}

static bool is_empty(struct json_object *value)
{
    return json_object_is_type(value, json_type_string) &&
           strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value) &&
           text_is_blank(json_object_get_string(value));
}

/* Whether anything is left of a list that had entries. */
static bool drop_entries(struct json_object *list)
{
    size_t length = json_object_array_length(list);
    for (size_t i = length; i-- > 0;) {
        if (is_empty(json_object_array_get_idx(list, i)))
            json_object_array_del_idx(list, i, 1);
    }
    return !length || json_object_array_length(list);
}

static bool is_among(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

void parameters_drop_empty(struct json_object *merged, const char *const *kept)
{
    /* json-c's loop has the next member in hand before this one is deleted. */
    json_object_object_foreach(merged, key, value)
    {
        bool drop = json_object_is_type(value, json_type_array) ? !drop_entries(value) : is_empty(value);
        if (drop && !is_among(kept, key))
            json_object_object_del(merged, key);
    }
}

bool parameter_quantity(struct json_object *merged, int64_t *quantity, struct error *error)
{
    struct json_object *value = json_member(merged, "quantity");
    if (value)
        return parameter_integer(value, "quantity", 1, LIMIT_QUANTITY, quantity, error);
    return parameter_integer(json_member(merged, "limit"), "limit", 1, LIMIT_QUANTITY, quantity, error);
}
