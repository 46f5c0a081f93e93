/* Records of JSON: a line, or an element of an array; see source.h. */
#include "cli/import/source_internal.h"

#include "base/json.h"

#include <string.h>

/* Numbers and booleans are given as texts, as CSV has them; objects and lists as they are. */
static enum record_outcome fill_from_json(struct record *record, struct json_object *object)
{
    json_object_object_foreach(object, name, value)
    {
        if (!value)
            continue;
        if (record->count == RECORD_VALUES) {
            record_reject(record, "the line has more than %d members", RECORD_VALUES);
            return RECORD_BAD;
        }
        bool whole =
            json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array);
        record->values[record->count++] = (struct record_value){
            .name = name, .text = whole ? NULL : json_object_get_string(value), .json = value};
    }
    return RECORD_OK;
}

static enum record_outcome take_json(struct arena *arena, const char *what, const char *text, size_t length,
                                     struct record *record)
{
    const char *problem;
    struct json_object *object;
    if (!json_parse_arena(arena, text, length, &object, &problem))
        record_reject(
            record, "the %s is %s%s", what, problem,
            record->format != IMPORT_JSON_LINES ? ""
            : length && text[length - 1] == ','
                ? "; objects with commas between them are a list, which [ and ] stand around"
            : strstr(problem, "too early")
                ? "; each line is an object of its own, and what spans several belongs between [ and ]"
                : "");
    else if (!json_object_is_type(object, json_type_object))
        record_reject(record, "the %s is no JSON object", what);
    else
        return fill_from_json(record, object);
    return RECORD_BAD;
}

enum record_outcome import_next_line(struct import_source *source, struct arena *arena, struct record *record)
{
    char *line;
    size_t length;
    enum record_outcome outcome;
    do
        outcome = import_judge_line(source, line_reader_next(source->reader, &line, &length), false, record);
    while (outcome == RECORD_OK && import_line_is_blank(line, length));
    if (outcome == RECORD_OK) {
        raw_lines_clear(&source->raw);
        raw_lines_add(&source->raw, line, length);
    }
    record->raw = raw_lines_text(&source->raw);
    return outcome == RECORD_OK ? take_json(arena, "line", line, length, record) : outcome;
}

enum record_outcome import_next_element(struct import_source *source, struct arena *arena,
                                        struct record *record)
{
    char *text;
    size_t length;
    switch (json_elements_next(source->elements, &text, &length, &record->line)) {
    case LINE_OK:
        raw_lines_clear(&source->raw);
        raw_lines_add(&source->raw, text, length);
        raw_lines_join(&source->raw); /* as a line of JSON lines */
        record->raw = raw_lines_text(&source->raw);
        return take_json(arena, "element", text, length, record);
    case LINE_END:
        return RECORD_END;
    case LINE_TOO_LONG:
        record_reject(record, "the element is longer than 1 MiB");
        return RECORD_BAD;
    default:
        record_reject(record, "%s", json_elements_problem(source->elements));
        return RECORD_BROKEN;
    }
}
