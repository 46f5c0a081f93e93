/* What the parts of import_source share: source.c (opening, tables), source_json.c and source_xml.c. Nobody else
 * includes it. */
#ifndef PALATE_CLI_IMPORT_SOURCE_INTERNAL_H
#define PALATE_CLI_IMPORT_SOURCE_INTERNAL_H

#include "cli/import/csv.h"
#include "cli/import/json_elements.h"
#include "cli/import/line_reader.h"
#include "cli/import/products.h"
#include "cli/import/raw_lines.h"
#include "cli/import/source.h"
#include "cli/import/xml_feed.h"

struct import_source {
    enum import_kind kind;
    enum import_format format;
    bool plain_categories;
    struct line_reader *reader;
    struct json_elements *elements; /* of a JSON array */
    struct xml_feed *feed;          /* of XML */
    const struct xml_item *item;    /* that was read to know the names, and is the next record; NULL: none */
    struct csv_parser *csv;         /* of a table */
    char separator;
    struct arena *arena;                      /* of the names */
    const char *names[CSV_FIELDS];            /* of a table's columns; "": it has none and is left out */
    size_t name_count, field_count;           /* of the header, without and with empty ones at its end */
    const char *elements_of_feed[CSV_FIELDS]; /* the same as XML has them */
    struct raw_lines raw;                     /* of the record that was read last */
    const char
        *header; /* of a table, as it stands, and what belongs before and behind the records of a feed */
    const char *footer;
    const char *found; /* the names as the header has them, as far as they fit */
    enum shop_format shop;
    struct products *products; /* of an export */
    struct record *row;        /* the one that was read for it */
};

bool import_line_is_blank(const char *line, size_t length) __attribute__((nonnull, warn_unused_result));

/* Why a line is none; RECORD_OK where it is one. begun: it belongs to a record that has lines already. */
enum record_outcome import_judge_line(struct import_source *source, enum line_outcome outcome, bool begun,
                                      struct record *record) __attribute__((nonnull, warn_unused_result));

/* Gives source->names, which are those of the file, the names that Palate has for them, and finds out whether they are
 * a shop system's. False after writing a sentence to problem. */
bool import_name_columns(struct import_source *source, const struct import_source_options *options,
                         char *problem, size_t problem_size) __attribute__((nonnull, warn_unused_result));

/* The next record of each format. */
enum record_outcome import_next_line(struct import_source *source, struct arena *arena, struct record *record)
    __attribute__((nonnull, warn_unused_result));
enum record_outcome import_next_element(struct import_source *source, struct arena *arena,
                                        struct record *record) __attribute__((nonnull, warn_unused_result));
enum record_outcome import_next_item(struct import_source *source, struct record *record)
    __attribute__((nonnull, warn_unused_result));

/* Reads the first item of a feed, whose elements are for names what a table's header is. */
bool import_open_feed(struct import_source *source, const struct import_source_options *options,
                      char *problem, size_t problem_size) __attribute__((nonnull, warn_unused_result));

#endif
