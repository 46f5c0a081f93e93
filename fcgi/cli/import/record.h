/* A record of a file: names and values. */
#ifndef PALATE_CLI_IMPORT_RECORD_H
#define PALATE_CLI_IMPORT_RECORD_H

#include "base/arena.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORD_VALUES = 256, RECORD_PROBLEM_SIZE = 200 };

enum import_format { IMPORT_FORMAT_UNKNOWN, IMPORT_JSON_LINES, IMPORT_JSON_ARRAY, IMPORT_CSV, IMPORT_XML };

struct record_value {
    const char *name;
    const char *text;         /* numbers and booleans of JSON as text, too; NULL for a JSON object or list */
    struct json_object *json; /* NULL for a cell of a table as it stands there */
};

/* What is empty in CSV or null in JSON is left out. */
struct record {
    enum import_format format; /* a feed's item is a row, too: IMPORT_CSV */
    bool plain_categories;     /* "a > b" and "a|b" in a cell of a table are one category */
    uint64_t line;             /* where it begins, from 1 */
    size_t count;
    struct record_value values[RECORD_VALUES];
    const char *raw; /* its lines as UTF-8, as they stand; as long as the values; NULL: too long to be kept */
    char problem[RECORD_PROBLEM_SIZE]; /* why it is bad */
};

/* Notes why the record is bad; returns false. */
bool record_reject(struct record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

#endif
