/* Separated values after RFC 4180, with any separator: fields in double quotes, "" for a quote inside, line ends
 * inside quotes.
 *
 * Is fed line by line and says when a record is complete. Fields live in the parser until the next record.
 * Does not read files. */
#ifndef PALATE_CLI_IMPORT_CSV_H
#define PALATE_CLI_IMPORT_CSV_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CSV_FIELDS = 256,
    CSV_RECORD_BYTES = 1024 * 1024, /* as a line of JSON */
};

enum csv_outcome {
    CSV_RECORD, /* complete: see csv_field() */
    CSV_MORE,   /* a quoted field goes on in the next line */
    CSV_BAD,    /* csv_problem() says why; the next line begins a new record */
};

struct csv_parser;

/* Between tabs a quote inside a plain field is a character like others: such files are hardly ever quoted. */
struct csv_parser *csv_create(char separator) __attribute__((returns_nonnull, warn_unused_result));
void csv_destroy(struct csv_parser *csv);

/* Takes one line, without its line end. */
enum csv_outcome csv_feed(struct csv_parser *csv, const char *line, size_t length)
    __attribute__((nonnull, warn_unused_result));

/* Forgets a record that is not complete. */
void csv_abandon(struct csv_parser *csv) __attribute__((nonnull));

size_t csv_field_count(const struct csv_parser *csv) __attribute__((nonnull));
/* Texts hold no zero byte but the one at their end. */
const char *csv_field(const struct csv_parser *csv, size_t index) __attribute__((nonnull, returns_nonnull));

/* A literal that fits behind "the line". */
const char *csv_problem(const struct csv_parser *csv) __attribute__((nonnull));

#endif
