/* Records of a file: names and values, whether it is JSON lines, a JSON array, a feed in XML or a table, and however the table
 * separates its columns and calls them (table_header.h). */
#ifndef PALATE_CLI_IMPORT_SOURCE_H
#define PALATE_CLI_IMPORT_SOURCE_H

#include "cli/import/record.h"
#include "cli/import/table_header.h"
#include "cli/import/table_keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_outcome {
    RECORD_OK,
    RECORD_BAD, /* record->problem; reading can go on */
    RECORD_END,
    RECORD_BROKEN, /* the file cannot be read any further: record->problem */
};

struct import_source;

struct import_source_options {
    enum import_kind kind;
    enum import_format format; /* UNKNOWN: by the file's first character, {, [ or <, else a table */
    const char *map;           /* table_name_columns(); NULL: nothing */
    bool plain_categories;     /* for its records */
};

/* Opens a file and reads a table's header. NULL after writing a sentence to problem. */
struct import_source *import_source_open(const char *path, const struct import_source_options *options,
                                         char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* Whether a table or feed has all columns that the kind needs; false after writing to problem what it is and what it has. */
bool import_source_has_columns(const struct import_source *source, const char *path, char *problem,
                               size_t size) __attribute__((nonnull, warn_unused_result));

/* Whether a table has a column of this name, and the keys of metadata that its columns give; none for JSON. */
bool import_source_has_column(const struct import_source *source, const char *name)
    __attribute__((nonnull, warn_unused_result));
void import_source_keys(const struct import_source *source, struct table_keys *keys) __attribute__((nonnull));

/* The encoding that the file is converted from; NULL: none, so far. */
const char *import_source_conversion(const struct import_source *source) __attribute__((nonnull));

/* What the file has turned out to be so far, for people: "a table separated by semicolons, in Windows-1252". */
void import_source_describe(const struct import_source *source, char *text, size_t size)
    __attribute__((nonnull));
void import_source_close(struct import_source *source);

/* The next record; blank lines are passed over. Values live in the arena, but in CSV only until the next
 * call; names live as long as the source or the arena. */
enum record_outcome import_source_next(struct import_source *source, struct arena *arena,
                                       struct record *record) __attribute__((nonnull, warn_unused_result));

/* What belongs before the records' own lines and behind them so that they are such a file again, as UTF-8: the header of
 * a table as it stands, the outer elements of a feed. NULL: nothing. */
const char *import_source_header(const struct import_source *source) __attribute__((nonnull));
const char *import_source_footer(const struct import_source *source) __attribute__((nonnull));

/* Rows that were variants, images or languages of a product, and so no records of their own. */
uint64_t import_source_part_count(const struct import_source *source) __attribute__((nonnull));

/* The line of the file that was read last; of XML and JSON arrays it may be behind the record. */
uint64_t import_source_line(const struct import_source *source) __attribute__((nonnull));

/* Bytes of the file read so far, and its size (0: unknown). */
uint64_t import_source_position(const struct import_source *source) __attribute__((nonnull));
uint64_t import_source_size(const struct import_source *source) __attribute__((nonnull));

/* "auto", "jsonl", "json", "xml" or "csv". False for anything else. */
bool import_format_parse(const char *text, enum import_format *format)
    __attribute__((nonnull, warn_unused_result));

#endif
