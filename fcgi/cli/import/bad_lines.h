/* The lines that an import with --skip-bad has left out, in a file to be mended and imported. */
#ifndef PALATE_CLI_IMPORT_BAD_LINES_H
#define PALATE_CLI_IMPORT_BAD_LINES_H

#include <stdbool.h>

struct bad_lines;

/* path: that of the file that is made with the first line; header: its first line, NULL: none. Both are copied. */
struct bad_lines *bad_lines_create(const char *path, const char *header)
    __attribute__((nonnull(1), returns_nonnull, warn_unused_result));

/* Writes a record's lines; NULL: they are not known, and nothing. False after saying why the file cannot be made:
 * one that is there already is somebody's work. */
bool bad_lines_keep(struct bad_lines *lines, const char *raw) __attribute__((nonnull(1), warn_unused_result));

/* Closes the file and says where it is, or that it could not be written. NULL is fine. */
void bad_lines_close(struct bad_lines *lines);

#endif
