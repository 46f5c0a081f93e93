/* Records of JSON lines or CSV, as names and values; see source.h.
 *
 * Importers ask for a field by its name and must not care which of the two formats it came from. So a
 * record is a list of named texts; JSON values keep their object beside the text, for those members
 * (metadata) that are structures. What is empty in CSV and what is null in JSON are the same thing, a
 * field that is not there, and are left out of the record.
 *
 * A line that is bad in itself (no JSON, a wrong number of fields, not UTF-8) makes a bad record, and
 * reading goes on with the next line: whether the import goes on is the option's decision, not the
 * reader's. Where the file itself cannot be read any further the record is broken, and that is the end.
 *
 * The header of CSV is checked once, before any row: an empty name or one that stands twice would
 * otherwise send values to the wrong field without a word.
 *
 * JSON objects are kept by the arena of the row. Texts of CSV live in the parser and last until the next
 * record; a caller that keeps one must copy it. */
#include "cli/import/source.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/import/csv.h"
#include "cli/import/line_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct import_source {
    enum import_format format;
    struct line_reader *reader;
    struct csv_parser *csv;
    char *names[CSV_FIELDS]; /* of the CSV header */
    size_t name_count;
};

bool record_reject(struct record *record, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(record->problem, sizeof(record->problem), format, arguments);
    va_end(arguments);
    return false;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
    size_t end_length = strlen(end);
    return length >= end_length && !memcmp(text + length - end_length, end, end_length);
}

enum import_format import_format_of(const char *path)
{
    size_t length = strlen(path);
    if (ends_with(path, length, ".gz") || ends_with(path, length, ".xz"))
        length -= 3;
    if (ends_with(path, length, ".csv"))
        return IMPORT_CSV;
    if (ends_with(path, length, ".jsonl") || ends_with(path, length, ".ndjson") ||
        ends_with(path, length, ".json"))
        return IMPORT_JSON_LINES;
    return IMPORT_FORMAT_UNKNOWN;
}

enum import_format import_format_parse(const char *text)
{
    if (!strcmp(text, "csv"))
        return IMPORT_CSV;
    return strcmp(text, "jsonl") ? IMPORT_FORMAT_UNKNOWN : IMPORT_JSON_LINES;
}

static bool is_blank(const char *line, size_t length)
{
    return strspn(line, " \t") == length;
}

/* Reads lines until a CSV record is complete. */
static enum record_outcome next_csv(struct import_source *source, struct record *record)
{
    char *line;
    size_t length;
    bool begun = false;
    for (;;) {
        enum line_outcome outcome = line_reader_next(source->reader, &line, &length);
        if (!begun)
            record->line = line_reader_number(source->reader);
        if (outcome == LINE_BROKEN) {
            record_reject(record, "%s", line_reader_problem(source->reader));
            return RECORD_BROKEN;
        }
        /* The end between two records is the end of the file; inside one it is a quote that was left open. */
        if (outcome == LINE_END && !begun)
            return RECORD_END;
        if (outcome != LINE_OK) {
            record_reject(record, outcome == LINE_END ? "a quote is left open to the end of the file"
                                                      : "the line is longer than 1 MiB");
            csv_abandon(source->csv);
            return RECORD_BAD;
        }
        if (!begun && is_blank(line, length))
            continue;
        begun = true;
        enum csv_outcome fed = csv_feed(source->csv, line, length);
        if (fed == CSV_RECORD)
            return RECORD_OK;
        if (fed == CSV_BAD) {
            record_reject(record, "the line %s", csv_problem(source->csv));
            return RECORD_BAD;
        }
    }
}

static bool read_header(struct import_source *source, char *problem, size_t problem_size)
{
    struct record *record = memory_alloc(1, sizeof(*record));
    enum record_outcome outcome = next_csv(source, record);
    if (outcome == RECORD_OK) {
        source->name_count = csv_field_count(source->csv);
        for (size_t i = 0; i < source->name_count; i++)
            source->names[i] = memory_copy_text(csv_field(source->csv, i));
    } else {
        snprintf(problem, problem_size, "the first line of CSV must name the columns: %s",
                 outcome == RECORD_END ? "the file is empty" : record->problem);
    }
    memory_free(record);
    return outcome == RECORD_OK;
}

static bool check_header(const struct import_source *source, char *problem, size_t problem_size)
{
    for (size_t i = 0; i < source->name_count; i++) {
        const char *name = source->names[i];
        if (!*name || !text_is_utf8(name, strlen(name))) {
            snprintf(problem, problem_size, "column %zu of the CSV header has no proper name", i + 1);
            return false;
        }
        for (size_t other = 0; other < i; other++) {
            if (!strcmp(name, source->names[other])) {
                snprintf(problem, problem_size, "the CSV header names the column \"%.60s\" twice", name);
                return false;
            }
        }
    }
    return true;
}

/* The format: as given, else by the name, else by the first character, which is { in JSON lines and hardly
 * the name of a column. */
static bool prepare_source(struct import_source *source, const char *path, enum import_format format,
                           char *problem, size_t problem_size)
{
    source->reader = line_reader_open(path, problem, problem_size);
    if (!source->reader)
        return false;
    source->format = format != IMPORT_FORMAT_UNKNOWN ? format : import_format_of(path);
    if (source->format == IMPORT_FORMAT_UNKNOWN)
        source->format = line_reader_peek(source->reader) == '{' ? IMPORT_JSON_LINES : IMPORT_CSV;
    if (source->format != IMPORT_CSV)
        return true;
    source->csv = csv_create();
    return read_header(source, problem, problem_size) && check_header(source, problem, problem_size);
}

struct import_source *import_source_open(const char *path, enum import_format format, char *problem,
                                         size_t problem_size)
{
    struct import_source *source = memory_alloc(1, sizeof(*source));
    if (prepare_source(source, path, format, problem, problem_size))
        return source;
    import_source_close(source);
    return NULL;
}

void import_source_close(struct import_source *source)
{
    if (!source)
        return;
    for (size_t i = 0; i < source->name_count; i++)
        memory_free(source->names[i]);
    csv_destroy(source->csv);
    line_reader_close(source->reader);
    memory_free(source);
}

/* A row with more or fewer fields than the header is refused: a separator that is missing would shift
 * every value behind it. */
static enum record_outcome fill_from_csv(struct import_source *source, struct record *record)
{
    size_t count = csv_field_count(source->csv);
    if (count != source->name_count) {
        record_reject(record, "the line has %zu fields, the header %zu", count, source->name_count);
        return RECORD_BAD;
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = csv_field(source->csv, i);
        if (!text_is_utf8(text, strlen(text))) {
            record_reject(record, "%.60s is not valid UTF-8", source->names[i]);
            return RECORD_BAD;
        }
        if (*text)
            record->values[record->count++] = (struct record_value){.name = source->names[i], .text = text};
    }
    return RECORD_OK;
}

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

static enum record_outcome next_json(struct import_source *source, struct arena *arena, struct record *record)
{
    char *line;
    size_t length;
    const char *problem;
    struct json_object *object;
    enum line_outcome outcome;
    do {
        outcome = line_reader_next(source->reader, &line, &length);
        record->line = line_reader_number(source->reader);
    } while (outcome == LINE_OK && is_blank(line, length));
    if (outcome == LINE_END)
        return RECORD_END;
    if (outcome == LINE_BROKEN) {
        record_reject(record, "%s", line_reader_problem(source->reader));
        return RECORD_BROKEN;
    }
    if (outcome == LINE_TOO_LONG)
        record_reject(record, "the line is longer than 1 MiB");
    else if (!json_parse_arena(arena, line, length, &object, &problem))
        record_reject(record, "the line is %s", problem);
    else if (!json_object_is_type(object, json_type_object))
        record_reject(record, "the line is no JSON object");
    else
        return fill_from_json(record, object);
    return RECORD_BAD;
}

enum record_outcome import_source_next(struct import_source *source, struct arena *arena,
                                       struct record *record)
{
    record->format = source->format;
    record->count = 0;
    record->problem[0] = '\0';
    if (source->format == IMPORT_JSON_LINES)
        return next_json(source, arena, record);
    enum record_outcome outcome = next_csv(source, record);
    return outcome == RECORD_OK ? fill_from_csv(source, record) : outcome;
}

uint64_t import_source_position(const struct import_source *source)
{
    return line_reader_position(source->reader);
}

uint64_t import_source_size(const struct import_source *source)
{
    return line_reader_size(source->reader);
}
