/* Separated values after RFC 4180; see csv.h.
 *
 * A state machine looks at each character once. The four states say where in a field it is: at its start,
 * in plain text, inside quotes, or behind a quote that either closes the field or is the first of two that
 * mean one. Which of the two it was is known only with the next character.
 *
 *     START       "  -> QUOTED      ,  -> next field    other -> PLAIN
 *     PLAIN       "  is wrong       ,  -> next field    other stays
 *     QUOTED      "  -> QUOTE_SEEN                      other stays, also , and line ends
 *     QUOTE_SEEN  "  -> QUOTED, one quote    , -> next field    other is wrong
 *
 * Fields are written one behind the other into one buffer, with a zero behind each; a field is the offset
 * where it starts. So a record costs no allocation, and the fields are C texts.
 *
 * A record that ends inside quotes goes on in the next line, with a line feed in between. A quote that was
 * left open would therefore swallow the file: the limit of the record's length stops that, and its message
 * asks about the quote.
 *
 * What RFC 4180 leaves open is refused rather than guessed: a quote inside a plain field and text behind a
 * closing quote are mistakes of the program that wrote the file, and each way of reading them is wrong for
 * somebody. Only between tabs, where programs hardly ever quote and inches are common (5"), a quote inside a plain
 * field is a character. Which separator a file has is found out elsewhere (table_header.c). */
#include "cli/import/csv.h"

#include "base/memory.h"

#include <string.h>

enum state { STATE_START, STATE_PLAIN, STATE_QUOTED, STATE_QUOTE_SEEN };

struct csv_parser {
    char separator;
    enum state state;
    bool open; /* the record goes on in the next line */
    size_t count;
    size_t starts[CSV_FIELDS];
    size_t used;
    char *bytes; /* CSV_RECORD_BYTES, then room for a zero a field */
    const char *problem;
};

struct csv_parser *csv_create(char separator)
{
    struct csv_parser *csv = memory_alloc(1, sizeof(*csv));
    csv->separator = separator;
    csv->bytes = memory_alloc(CSV_RECORD_BYTES + CSV_FIELDS + 1, 1);
    return csv;
}

void csv_destroy(struct csv_parser *csv)
{
    if (!csv)
        return;
    memory_free(csv->bytes);
    memory_free(csv);
}

static enum csv_outcome reject_record(struct csv_parser *csv, const char *problem)
{
    csv->problem = problem;
    csv->open = false;
    csv->count = 0;
    return CSV_BAD;
}

/* False when there are as many fields as fit. */
static bool begin_field(struct csv_parser *csv)
{
    if (csv->count == CSV_FIELDS)
        return false;
    csv->starts[csv->count++] = csv->used;
    csv->state = STATE_START;
    return true;
}

/* One character; a literal when it must not stand here. */
static const char *take_character(struct csv_parser *csv, char c)
{
    bool quoted = csv->state == STATE_QUOTED;
    if (!quoted && c == csv->separator) {
        csv->bytes[csv->used++] = '\0';
        return begin_field(csv) ? NULL : "has more than 256 fields";
    }
    if (c == '"' && !(csv->state == STATE_PLAIN && csv->separator == '\t')) {
        if (csv->state == STATE_PLAIN)
            return "has a quote inside a field that is not quoted; quote the field and double the quote";
        if (csv->state == STATE_QUOTE_SEEN)
            csv->bytes[csv->used++] = '"';
        csv->state = quoted ? STATE_QUOTE_SEEN : STATE_QUOTED;
        return NULL;
    }
    if (csv->state == STATE_QUOTE_SEEN)
        return "has text behind a closing quote";
    if (csv->state == STATE_START)
        csv->state = STATE_PLAIN;
    csv->bytes[csv->used++] = c;
    return NULL;
}

enum csv_outcome csv_feed(struct csv_parser *csv, const char *line, size_t length)
{
    if (!csv->open) {
        csv->count = csv->used = 0;
        begin_field(csv);
    }
    if (csv->used + length > CSV_RECORD_BYTES)
        return reject_record(csv, "is part of a record longer than 1 MiB; is a quote left open?");
    if (memchr(line, '\0', length))
        return reject_record(csv, "holds a zero byte");
    for (size_t i = 0; i < length; i++) {
        const char *problem = take_character(csv, line[i]);
        if (problem)
            return reject_record(csv, problem);
    }
    csv->open = csv->state == STATE_QUOTED;
    csv->bytes[csv->used++] = csv->open ? '\n' : '\0';
    return csv->open ? CSV_MORE : CSV_RECORD;
}

void csv_abandon(struct csv_parser *csv)
{
    csv->open = false;
    csv->count = 0;
}

size_t csv_field_count(const struct csv_parser *csv)
{
    return csv->count;
}

const char *csv_field(const struct csv_parser *csv, size_t index)
{
    return csv->bytes + csv->starts[index];
}

const char *csv_problem(const struct csv_parser *csv)
{
    return csv->problem;
}
