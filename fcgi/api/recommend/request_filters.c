/* Reads what a request does not want to see; see request_filters.h.
 *
 * Filters come in three parameters and each as JSON or, in a query string, as text; all conditions end up in
 * one list, joined with AND to those of the context. Nothing here decides what a condition means: that is
 * recommender/filter_parse.h and engine/filter.h. */
#include "api/recommend/request_filters.h"

#include "request/parameters.h"

#include <string.h>

/* scope is JSON text in a query string, and the value itself in a body. */
static bool read_scope_value(struct request *request, struct json_object *value, struct json_object **scope)
{
    const char *problem = "";
    *scope = value;
    if (json_object_is_type(value, json_type_string) &&
        !json_parse_arena(request->arena, json_object_get_string(value),
                          (size_t)json_object_get_string_len(value), scope, &problem))
        return error_set(&request->error, ERROR_INVALID_SCOPE_JSON, "scope is %s", problem);
    if (json_object_is_type(*scope, json_type_array) && !json_object_array_length(*scope))
        *scope = NULL; /* how PHP writes an empty scope */
    return !*scope || json_object_is_type(*scope, json_type_object) ||
           error_set(&request->error, ERROR_INVALID_SCOPE_JSON,
                     "scope must be a JSON object such as {\"filters\": [...]}");
}

static bool read_scope(struct request *request, const struct filter_parser *parser, struct filter_list *list)
{
    struct json_object *scope = NULL, *filters;
    if (!read_scope_value(request, json_member(request->merged, "scope"), &scope))
        return false;
    filters = json_member(scope, "filters");
    return !filters || filter_parse_structured(parser, filters, "scope.filters", list);
}

/* ---- exclude */

/* Goes through a JSON value so that ids are checked here by the same rules as everywhere. */
static bool add_id(struct request *request, const char *id, size_t length, struct request_filters *filters)
{
    char *copy = arena_copy_bytes(request->arena, id, length);
    struct json_object *text = json_keep(request->arena, json_object_new_string(copy));
    if (filters->exclude_count == LIMIT_EXCLUDE_IDS)
        return error_field(&request->error, "exclude", "must have at most %d ids", LIMIT_EXCLUDE_IDS);
    return parameter_text(text, "exclude", TEXT_ID, LIMIT_ID_CHARACTERS,
                          &filters->exclude[filters->exclude_count++], &request->error);
}

/* One value of exclude: a whole number, one id as text, or, where it is no entry of a JSON list (is_one), text
 * with ids between commas. Blanks around an id mean nothing, and empty ones are passed over. */
static bool add_ids(struct request *request, struct json_object *value, bool is_one,
                    struct request_filters *filters)
{
    if (json_object_is_type(value, json_type_int)) {
        const char *digits = json_object_get_string(value);
        return add_id(request, digits, strlen(digits), filters);
    }
    if (!json_object_is_type(value, json_type_string))
        return error_field(&request->error, "exclude", "must be ids: a list, or text with commas");
    const char *text = json_object_get_string(value);
    if (strlen(text) != (size_t)json_object_get_string_len(value))
        return error_field(&request->error, "exclude", "must not have zero characters");
    while (*text) {
        size_t length = is_one ? strlen(text) : strcspn(text, ","), begin = strspn(text, " "), end = length;
        while (end > begin && text[end - 1] == ' ')
            end--;
        if (end > begin && !add_id(request, text + begin, end - begin, filters))
            return false;
        text += length + (text[length] == ',');
    }
    return true;
}

/* A query has no lists but text with commas, which may be repeated; a JSON list keeps its ids apart by itself, so
 * there a comma is part of an id, as it is in some shops' article numbers. */
static bool read_exclude(struct request *request, struct request_filters *filters)
{
    struct json_object *value = json_member(request->merged, "exclude");
    bool is_json = json_member(request->body, "exclude") != NULL;
    if (!value)
        return true;
    filters->exclude = arena_alloc(request->arena, LIMIT_EXCLUDE_IDS, sizeof(*filters->exclude));
    if (!json_object_is_type(value, json_type_array))
        return add_ids(request, value, false, filters);
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        if (!add_ids(request, json_object_array_get_idx(value, i), is_json, filters))
            return false;
    }
    return true;
}

/* true, false, or {value, unit}; in a query all of them as text. */
static bool read_viewed(struct request *request, struct request_filters *filters)
{
    enum { TEXT_BYTES = 256 }; /* generously */
    struct json_object *value = json_member(request->merged, "exclude_viewed");
    const char *problem;
    if (json_object_is_type(value, json_type_string) &&
        (json_object_get_string_len(value) > TEXT_BYTES ||
         !json_parse_arena(request->arena, json_object_get_string(value),
                           (size_t)json_object_get_string_len(value), &value, &problem)))
        return error_field(&request->error, "exclude_viewed", "must be true, false or {value, unit}");
    filters->has_viewed = value;
    return !value ||
           viewed_window_parse(request->arena, value, "exclude_viewed", &filters->viewed, &request->error);
}

bool request_filters_read(struct request *request, struct request_filters *filters)
{
    struct filter_parser parser = {
        .arena = request->arena, .error = &request->error, .code = ERROR_INVALID_FILTER};
    *filters = (struct request_filters){0};
    return read_scope(request, &parser, &filters->filters) &&
           filter_parse_any(&parser, json_member(request->merged, "filter"), "filter", &filters->filters) &&
           filter_parse_any(&parser, json_member(request->merged, "filters"), "filters", &filters->filters) &&
           read_exclude(request, filters) && read_viewed(request, filters);
}

void request_filters_apply(const struct request_filters *filters, struct recommendation_query *query)
{
    query->filters = filters->filters.conditions;
    query->filter_count = filters->filters.count;
    query->exclude = filters->exclude;
    query->exclude_count = filters->exclude_count;
    query->viewed = filters->has_viewed ? &filters->viewed : NULL;
}

void request_filters_write(struct json_writer *out, const char *key,
                           const struct filter_condition *conditions, size_t count)
{
    json_writer_list(out, key);
    for (size_t i = 0; i < count; i++)
        filter_condition_write(out, NULL, &conditions[i], true);
    json_writer_end(out);
}
