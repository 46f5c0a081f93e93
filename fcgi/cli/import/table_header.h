/* The header of a table: which sign separates its columns, and what they mean. Pure. */
#ifndef PALATE_CLI_IMPORT_TABLE_HEADER_H
#define PALATE_CLI_IMPORT_TABLE_HEADER_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum import_kind {
    IMPORT_ITEMS,
    IMPORT_EVENTS,
    IMPORT_BARE_EVENTS, /* those that files are trained with: type and time may be absent */
};

/* The separator that a line "sep=;" names; '\0': the line is none. */
char table_named_separator(const char *line) __attribute__((nonnull, pure, warn_unused_result));

/* The separator of a header: of , ; tab and | the one that stands most often outside of quotes; a comma where none
 * does. */
char table_find_separator(const char *header) __attribute__((nonnull, pure, warn_unused_result));

/* "commas", "semicolons", ... */
const char *table_separator_name(char separator) __attribute__((returns_nonnull, const));

/* A name of a column as it is meant: without blanks around it, of every kind. In the arena. */
char *table_clean_name(struct arena *arena, const char *name) __attribute__((nonnull, returns_nonnull));

/* Whether two names are the same but for capitals, blanks, hyphens and underscores. */
bool table_names_agree(const char *one, const char *other) __attribute__((nonnull, pure, warn_unused_result));

/* Gives columns the names that Palate knows. columns holds the cleaned names of the header, "" for a column without
 * one; what is known by another name (Item ID, title, event_time) is replaced, the rest stays. map is what the
 * user says, "name=title,price=Preis": the column title is the name; NULL: nothing. False after writing a sentence
 * to problem: a column of the map is not there, or two columns would have one name. */
bool table_name_columns(struct arena *arena, enum import_kind kind, const char *map, const char **columns,
                        size_t count, char *problem, size_t problem_size)
    __attribute__((nonnull(1, 4, 6), warn_unused_result));

/* Whether a name is that of a field of the kind. */
bool table_is_known_name(enum import_kind kind, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* What the columns lack: the first name that the kind needs; NULL: nothing. */
const char *table_missing_column(enum import_kind kind, const char *const *columns, size_t count)
    __attribute__((nonnull, warn_unused_result));

#endif
