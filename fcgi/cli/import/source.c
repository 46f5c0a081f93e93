/* Records of JSON lines, a JSON array or a table, as names and values; see source.h.
 *
 * Importers ask for a field by its name and must not care which of these it came from. So a record is a list of named
 * texts; JSON values keep their object beside the text, for those members (metadata) that are structures. What is
 * empty in a table and what is null in JSON are the same thing, a field that is not there, and left out.
 *
 * A line that is bad in itself makes a bad record, and reading goes on: whether the import does is the option's
 * decision. Where the file itself cannot be read any further the record is broken, and that is the end.
 *
 * The header of a table is read once, before any row: a name that stands twice would otherwise send values to the
 * wrong field without a word, and a column that is missing would make every row bad.
 *
 * JSON objects are kept by the arena of the row. Texts of a table last until the next record. */
#include "cli/import/source.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/import/source_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool record_reject(struct record *record, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(record->problem, sizeof(record->problem), format, arguments);
    va_end(arguments);
    return false;
}

bool import_format_parse(const char *text, enum import_format *format)
{
    static const struct {
        const char *name;
        enum import_format format;
    } names[] = {{"auto", IMPORT_FORMAT_UNKNOWN},
                 {"jsonl", IMPORT_JSON_LINES},
                 {"json", IMPORT_JSON_ARRAY},
                 {"xml", IMPORT_XML},
                 {"csv", IMPORT_CSV}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcmp(names[i].name, text)) {
            *format = names[i].format;
            return true;
        }
    }
    return false;
}

bool import_line_is_blank(const char *line, size_t length)
{
    return strspn(line, " \t") == length;
}

/* Why a line is none; RECORD_OK where it is one. */
enum record_outcome import_judge_line(struct import_source *source, enum line_outcome outcome, bool begun,
                                      struct record *record)
{
    if (!begun)
        record->line = line_reader_number(source->reader);
    if (outcome == LINE_BROKEN) {
        record_reject(record, "%s", line_reader_problem(source->reader));
        return RECORD_BROKEN;
    }
    /* The end between two records is the end of the file; inside one it is a quote that was left open. */
    if (outcome == LINE_END && !begun)
        return RECORD_END;
    if (outcome == LINE_OK)
        return RECORD_OK;
    if (outcome == LINE_TOO_LONG)
        raw_lines_clear(&source->raw); /* what was kept is another record, or half of this one */
    record_reject(record, outcome == LINE_END ? "a quote is left open to the end of the file"
                                              : "the line is longer than 1 MiB");
    if (source->csv)
        csv_abandon(source->csv);
    return RECORD_BAD;
}

/* Feeds lines until a record is complete; line is its first one. */
static enum record_outcome feed_lines(struct import_source *source, char *line, size_t length,
                                      struct record *record)
{
    raw_lines_clear(&source->raw);
    for (;;) {
        raw_lines_add(&source->raw, line, length);
        enum csv_outcome fed = csv_feed(source->csv, line, length);
        if (fed == CSV_RECORD)
            return RECORD_OK;
        if (fed == CSV_BAD) {
            record_reject(record, "the line %s", csv_problem(source->csv));
            return RECORD_BAD;
        }
        enum record_outcome outcome =
            import_judge_line(source, line_reader_next(source->reader, &line, &length), true, record);
        if (outcome != RECORD_OK)
            return outcome;
    }
}

/* A row of separators alone, as spreadsheets leave them. */
static bool is_empty_row(const struct import_source *source)
{
    for (size_t i = 0; i < csv_field_count(source->csv); i++) {
        if (!text_is_blank(csv_field(source->csv, i)))
            return false;
    }
    return true;
}

/* Reads lines until a row is complete that is not empty. */
static enum record_outcome next_row(struct import_source *source, struct record *record)
{
    char *line;
    size_t length;
    for (;;) {
        enum record_outcome outcome =
            import_judge_line(source, line_reader_next(source->reader, &line, &length), false, record);
        if (outcome == RECORD_OK && import_line_is_blank(line, length))
            continue;
        if (outcome == RECORD_OK)
            outcome = feed_lines(source, line, length, record);
        if (outcome != RECORD_OK || !is_empty_row(source))
            return outcome;
    }
}

/* ---- The header of a table */

/* The header's line: behind blank lines, comments (Meta's catalogues begin with some) and a line that names the
 * separator. Also finds the separator. */
static enum record_outcome find_header(struct import_source *source, char **line, size_t *length,
                                       struct record *record)
{
    char named = '\0';
    for (;;) {
        enum record_outcome outcome =
            import_judge_line(source, line_reader_next(source->reader, line, length), false, record);
        if (outcome != RECORD_OK)
            return outcome;
        bool is_comment = !named && (**line == '#' || !strncmp(*line, "\"# ", 3));
        if (import_line_is_blank(*line, *length) || is_comment)
            continue;
        if (named || !table_named_separator(*line))
            break;
        named = table_named_separator(*line);
    }
    source->separator = named ? named : table_find_separator(*line);
    return RECORD_OK;
}

static bool read_header(struct import_source *source, char *problem, size_t problem_size)
{
    struct record *record = memory_alloc(1, sizeof(*record));
    char *line;
    size_t length;
    enum record_outcome outcome = find_header(source, &line, &length, record);
    if (outcome == RECORD_OK) {
        source->csv = csv_create(source->separator);
        outcome = feed_lines(source, line, length, record);
    }
    if (outcome == RECORD_OK) {
        source->header = arena_copy_text(source->arena, raw_lines_text(&source->raw));
        source->name_count = csv_field_count(source->csv);
        for (size_t i = 0; i < source->name_count; i++)
            source->names[i] = table_clean_name(source->arena, csv_field(source->csv, i));
        source->field_count = source->name_count;
        while (source->name_count && !*source->names[source->name_count - 1])
            source->name_count--; /* separators at the end name no columns */
    } else {
        snprintf(problem, problem_size, "the first line of a table must name the columns: %s",
                 outcome == RECORD_END ? "the file is empty" : record->problem);
    }
    memory_free(record);
    return outcome == RECORD_OK;
}

/* "ID, Name, Price", as far as it fits. */
static const char *list_names(const struct import_source *source)
{
    const char *list = "";
    for (size_t i = 0; i < source->name_count && strlen(list) < 100; i++)
        list = arena_format(source->arena, "%s%s%.40s", list, i ? ", " : "", source->names[i]);
    return list;
}

bool import_name_columns(struct import_source *source, const struct import_source_options *options,
                         char *problem, size_t problem_size)
{
    const char *found = list_names(source);
    for (size_t i = 0; i < source->name_count; i++) {
        if (text_is_utf8(source->names[i], strlen(source->names[i])))
            continue;
        snprintf(problem, problem_size, "the name of column %zu is not valid UTF-8", i + 1);
        return false;
    }
    if (options->kind == IMPORT_ITEMS)
        source->shop = shop_export_recognize(source->names, source->name_count);
    if (source->shop == SHOP_NONE && source->feed && xml_feed_is_google(source->feed))
        source->shop = SHOP_MERCHANT;
    shop_export_name_columns(source->shop, source->names, source->name_count);
    if (!table_name_columns(source->arena, options->kind, options->map, source->names, source->name_count,
                            problem, problem_size))
        return false;
    source->found = found;
    if (source->shop != SHOP_NONE) {
        source->products = products_create(source->shop, clock_unix() * 1000);
        source->row = memory_alloc(1, sizeof(*source->row));
    }
    return true;
}

/* ---- Opening */

static bool prepare_source(struct import_source *source, const char *path,
                           const struct import_source_options *options, char *problem, size_t problem_size)
{
    source->reader = line_reader_open(path, problem, problem_size);
    if (!source->reader)
        return false;
    int first = line_reader_peek(source->reader);
    source->kind = options->kind;
    source->plain_categories = options->plain_categories;
    source->format = options->format != IMPORT_FORMAT_UNKNOWN ? options->format
                     : first == '{'                           ? IMPORT_JSON_LINES
                     : first == '['                           ? IMPORT_JSON_ARRAY
                     : first == '<'                           ? IMPORT_XML
                                                              : IMPORT_CSV;
    bool is_json = source->format == IMPORT_JSON_LINES || source->format == IMPORT_JSON_ARRAY;
    if (options->map && is_json) {
        snprintf(problem, problem_size,
                 "--map is for tables and feeds: JSON has the names of docs/import.md");
        return false;
    }
    if (source->format == IMPORT_JSON_ARRAY)
        source->elements = json_elements_create(source->reader);
    if (source->format != IMPORT_CSV && source->format != IMPORT_XML)
        return true;
    source->arena = arena_create();
    if (source->format == IMPORT_XML && source->kind != IMPORT_ITEMS) {
        snprintf(problem, problem_size, "events are read from tables and JSON, not from XML");
        return false;
    }
    if (source->format == IMPORT_XML)
        return import_open_feed(source, options, problem, problem_size);
    return read_header(source, problem, problem_size) &&
           import_name_columns(source, options, problem, problem_size);
}

static enum record_outcome next_cells(struct import_source *source, struct record *record);

/* Reads the file of an export once for what parts add to their products, wherever they stand. A pipe is read once. */
static void note_parts(struct import_source *source, const char *path,
                       const struct import_source_options *options)
{
    char problem[300];
    enum record_outcome outcome = RECORD_OK;
    struct import_source *scan = memory_alloc(1, sizeof(*scan));
    bool open = prepare_source(scan, path, options, problem, sizeof(problem));
    while (open && (outcome == RECORD_OK || outcome == RECORD_BAD) && !command_is_interrupted()) {
        outcome = next_cells(scan, source->row);
        if (outcome == RECORD_OK)
            products_note(source->products, source->row);
    }
    import_source_close(scan);
}

struct import_source *import_source_open(const char *path, const struct import_source_options *options,
                                         char *problem, size_t problem_size)
{
    struct import_source *source = memory_alloc(1, sizeof(*source));
    char why[300] = "";
    if (prepare_source(source, path, options, why, sizeof(why))) {
        if (source->products && strcmp(path, "-") != 0 && line_reader_size(source->reader))
            note_parts(source, path, options);
        return source;
    }
    /* The reader's own sentence names the file. */
    snprintf(problem, problem_size, "%s%s%s", source->reader ? path : "", source->reader ? ": " : "", why);
    import_source_close(source);
    return NULL;
}

bool import_source_has_columns(const struct import_source *source, const char *path, char *problem,
                               size_t size)
{
    if (!source->found)
        return true;
    const char *missing = table_missing_column(source->kind, source->names, source->name_count);
    if (missing && source->feed && xml_feed_is_google(source->feed))
        return true; /* its names are known, so it is the first item that is bad, and not the feed */
    if (missing && source->feed)
        snprintf(problem, size, "%s: this is %s; the element %s is missing: the first item has %s", path,
                 xml_feed_kind(source->feed), missing, source->found);
    else if (missing)
        snprintf(problem, size, "%s: this is a table separated by %s; the column %s is missing: found %s",
                 path, table_separator_name(source->separator), missing, source->found);
    return !missing;
}

bool import_source_has_column(const struct import_source *source, const char *name)
{
    for (size_t i = 0; i < source->name_count; i++) {
        if (!strcmp(source->names[i], name))
            return true;
    }
    return false;
}

void import_source_keys(const struct import_source *source, struct table_keys *keys)
{
    table_keys_find(source->names, source->name_count, keys);
    keys->whole = keys->whole || source->format != IMPORT_CSV; /* a member metadata is all of it */
}

const char *import_source_conversion(const struct import_source *source)
{
    enum text_encoding encoding = line_reader_encoding(source->reader);
    return encoding > ENCODING_UTF8 ? text_encoding_name(encoding) : NULL;
}

void import_source_describe(const struct import_source *source, char *text, size_t size)
{
    const char *conversion = import_source_conversion(source);
    snprintf(text, size, "%s%s%s%s%s%s%s", source->shop != SHOP_NONE ? shop_export_name(source->shop) : "",
             source->shop != SHOP_NONE ? ", " : "",
             source->format == IMPORT_JSON_LINES   ? "JSON lines"
             : source->format == IMPORT_JSON_ARRAY ? "a JSON array"
             : source->format == IMPORT_XML        ? xml_feed_kind(source->feed)
                                                   : "a table separated by ",
             source->format == IMPORT_CSV ? table_separator_name(source->separator) : "",
             line_reader_ends_with_cr(source->reader) ? ", whose lines end with CR" : "",
             conversion ? ", converted from " : "", conversion ? conversion : "");
}

void import_source_close(struct import_source *source)
{
    if (!source)
        return;
    if (source->arena)
        arena_destroy(source->arena);
    products_destroy(source->products);
    memory_free(source->row);
    raw_lines_free(&source->raw);
    json_elements_destroy(source->elements);
    xml_feed_destroy(source->feed);
    csv_destroy(source->csv);
    line_reader_close(source->reader);
    memory_free(source);
}

/* A row with more or fewer fields than the header is refused: a separator that is missing would shift
 * every value behind it. Empty fields behind the last column are nothing. */
static enum record_outcome fill_from_csv(struct import_source *source, struct record *record)
{
    size_t count = csv_field_count(source->csv);
    while (count > source->field_count && text_is_blank(csv_field(source->csv, count - 1)))
        count--;
    if (count > source->name_count && count <= source->field_count)
        count = source->name_count; /* what stands below no name is left out */
    if (count != source->name_count) {
        record_reject(record, "the line has %zu fields between %s, the header %zu", count,
                      table_separator_name(source->separator), source->name_count);
        return RECORD_BAD;
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = csv_field(source->csv, i);
        if (!text_is_utf8(text, strlen(text))) {
            record_reject(record, "%.60s is not valid UTF-8", source->names[i]);
            return RECORD_BAD;
        }
        if (*text && *source->names[i])
            record->values[record->count++] = (struct record_value){.name = source->names[i], .text = text};
    }
    return RECORD_OK;
}

/* A row of the table, or an item of the feed. */
static enum record_outcome next_cells(struct import_source *source, struct record *record)
{
    if (source->format == IMPORT_XML)
        return import_next_item(source, record);
    record->format = source->format;
    record->count = 0;
    enum record_outcome outcome = next_row(source, record);
    record->raw = raw_lines_text(&source->raw);
    return outcome == RECORD_OK ? fill_from_csv(source, record) : outcome;
}

/* Reads rows until a product is complete. */
static enum record_outcome next_product(struct import_source *source, struct record *record)
{
    struct record *row = source->row;
    enum record_outcome outcome;
    while ((outcome = next_cells(source, row)) == RECORD_OK) {
        if (products_take(source->products, row, record))
            return RECORD_OK;
    }
    if (outcome == RECORD_END)
        return products_end(source->products, record) ? RECORD_OK : RECORD_END;
    record->line = row->line;
    record->raw = row->raw;
    memcpy(record->problem, row->problem, sizeof(record->problem));
    return outcome;
}

enum record_outcome import_source_next(struct import_source *source, struct arena *arena,
                                       struct record *record)
{
    record->format = source->format;
    record->count = 0;
    record->raw = NULL;
    record->problem[0] = '\0';
    if (source->format == IMPORT_JSON_LINES)
        return import_next_line(source, arena, record);
    if (source->format == IMPORT_JSON_ARRAY)
        return import_next_element(source, arena, record);
    enum record_outcome outcome =
        source->products ? next_product(source, record) : next_cells(source, record);
    record->plain_categories = source->plain_categories;
    return outcome;
}

const char *import_source_header(const struct import_source *source)
{
    return source->header;
}

const char *import_source_footer(const struct import_source *source)
{
    return source->footer;
}

uint64_t import_source_part_count(const struct import_source *source)
{
    return source->products ? products_part_count(source->products) : 0;
}

uint64_t import_source_line(const struct import_source *source)
{
    return line_reader_number(source->reader);
}

uint64_t import_source_position(const struct import_source *source)
{
    return line_reader_position(source->reader);
}

uint64_t import_source_size(const struct import_source *source)
{
    return line_reader_size(source->reader);
}
