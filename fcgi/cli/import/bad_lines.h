/* The lines that an import with --skip-bad has left out, in a file to be mended and imported. */
#ifndef PALATE_CLI_IMPORT_BAD_LINES_H
#define PALATE_CLI_IMPORT_BAD_LINES_H

#include <stdbool.h>

struct bad_lines;

/* path: that of the file that is made with the first line; header and footer: its first and last line, NULL: none. All are copied.
 * NULL after saying that there is such a file already: it is somebody's work. */
struct bad_lines *bad_lines_create(const char *path, const char *header, const char *footer)
    __attribute__((nonnull(1), warn_unused_result));

/* Writes a record's lines; NULL: they are too long to be kept, which is counted. False after saying why the file
 * cannot be made. */
bool bad_lines_keep(struct bad_lines *lines, const char *raw) __attribute__((nonnull(1), warn_unused_result));

/* Ends the writing, before the good lines are stored. False after saying that not all could be written: then these
 * lines would be neither here nor there. */
bool bad_lines_finish(struct bad_lines *lines) __attribute__((nonnull, warn_unused_result));

/* Says where the file is, or removes it where nothing was stored (kept false): it would be taken for the rest of an
 * import that was none, and stand in the way of the next one. NULL is fine. */
void bad_lines_close(struct bad_lines *lines, bool kept);

#endif
