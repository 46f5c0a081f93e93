/* The lines of one record of a file as they stand there, for whoever has to mend them. */
#ifndef PALATE_CLI_IMPORT_RAW_LINES_H
#define PALATE_CLI_IMPORT_RAW_LINES_H

#include <stddef.h>

/* {0} has none. Freed with raw_lines_free(). */
struct raw_lines {
    char *text;
    size_t length, size;
};

/* Forgets them: another record begins, or what was read is no longer whole. */
void raw_lines_clear(struct raw_lines *lines) __attribute__((nonnull));

/* Adds a line. A zero byte, which no text has and at which it would end, becomes a blank. */
void raw_lines_add(struct raw_lines *lines, const char *line, size_t length) __attribute__((nonnull));

/* Makes one line of them: of JSON, where line ends are blanks. */
void raw_lines_join(struct raw_lines *lines) __attribute__((nonnull));

/* The lines with a line end between them, until they change; NULL: there are none. */
const char *raw_lines_text(const struct raw_lines *lines) __attribute__((nonnull));

void raw_lines_free(struct raw_lines *lines) __attribute__((nonnull));

#endif
