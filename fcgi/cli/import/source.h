/* Records of a file of JSON lines or CSV: names and values, whichever of the two it is.
 *
 * Does not know what the names mean. */
#ifndef PALATE_CLI_IMPORT_SOURCE_H
#define PALATE_CLI_IMPORT_SOURCE_H

#include "base/arena.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORD_VALUES = 256, RECORD_PROBLEM_SIZE = 200 };

enum import_format { IMPORT_FORMAT_UNKNOWN, IMPORT_JSON_LINES, IMPORT_CSV };

struct record_value {
    const char *name;
    const char *text;         /* numbers and booleans of JSON as text, too; NULL for a JSON object or list */
    struct json_object *json; /* NULL in CSV */
};

/* What is empty in CSV or null in JSON is left out. */
struct record {
    enum import_format format;
    uint64_t line; /* where it begins, from 1 */
    size_t count;
    struct record_value values[RECORD_VALUES];
    char problem[RECORD_PROBLEM_SIZE]; /* why it is bad */
};

enum record_outcome {
    RECORD_OK,
    RECORD_BAD, /* record->problem; reading can go on */
    RECORD_END,
    RECORD_BROKEN, /* the file cannot be read any further: record->problem */
};

struct import_source;

/* format UNKNOWN: by the file's name (.csv, .jsonl, .ndjson, .json; .gz or .xz behind), else by its first
 * character. NULL after writing a sentence to problem. */
struct import_source *import_source_open(const char *path, enum import_format format, char *problem,
                                         size_t problem_size) __attribute__((nonnull, warn_unused_result));
void import_source_close(struct import_source *source);

/* The next record; blank lines are passed over. Values live in the arena, but in CSV only until the next
 * call; names live as long as the source or the arena. */
enum record_outcome import_source_next(struct import_source *source, struct arena *arena,
                                       struct record *record) __attribute__((nonnull, warn_unused_result));

/* Bytes of the file read so far, and its size (0: unknown). */
uint64_t import_source_position(const struct import_source *source) __attribute__((nonnull));
uint64_t import_source_size(const struct import_source *source) __attribute__((nonnull));

/* What the name of a file says about its format. */
enum import_format import_format_of(const char *path) __attribute__((nonnull, warn_unused_result));

/* "jsonl" or "csv"; UNKNOWN for anything else. */
enum import_format import_format_parse(const char *text) __attribute__((nonnull, warn_unused_result));

/* Notes why the record is bad; returns false. */
bool record_reject(struct record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

#endif
