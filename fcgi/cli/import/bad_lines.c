/* The lines that an import has left out; see bad_lines.h.
 *
 * The file says: all but these lines is stored. So it is complete on its disk before the good lines are committed,
 * and it goes when they are not. It is made by its first line, since most imports have none, and never over one that
 * is there: that is looked at first of all, before a long file is read, and again by the system when it is made. */
#include "cli/import/bad_lines.h"

#include "base/memory.h"
#include "cli/command.h"
#include "cli/format.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct bad_lines {
    char *path, *header, *footer;
    FILE *file; /* NULL: there has been no line, or the writing has ended */
    bool made;
    uint64_t too_long;
};

static void say_no_file(const char *path, int cause)
{
    command_say("cannot write bad lines to %s: %s; move it away, or name another one with --bad-file", path,
                strerror(cause));
}

struct bad_lines *bad_lines_create(const char *path, const char *header, const char *footer)
{
    if (!access(path, F_OK)) {
        say_no_file(path, EEXIST);
        return NULL;
    }
    struct bad_lines *lines = memory_alloc(1, sizeof(*lines));
    lines->path = memory_copy_text(path);
    lines->header = header ? memory_copy_text(header) : NULL;
    lines->footer = footer ? memory_copy_text(footer) : NULL;
    return lines;
}

bool bad_lines_keep(struct bad_lines *lines, const char *raw)
{
    if (!raw) {
        lines->too_long++;
        return true;
    }
    if (!lines->file) {
        lines->file = fopen(lines->path, "wx");
        if (!lines->file) {
            say_no_file(lines->path, errno);
            return false;
        }
        lines->made = true;
        if (lines->header)
            fprintf(lines->file, "%s\n", lines->header);
    }
    fprintf(lines->file, "%s\n", raw);
    return true;
}

bool bad_lines_finish(struct bad_lines *lines)
{
    if (!lines->file)
        return true;
    if (lines->footer)
        fprintf(lines->file, "%s\n", lines->footer);
    bool written = !fflush(lines->file) && !fsync(fileno(lines->file)) && !ferror(lines->file);
    int cause = errno;
    written = !fclose(lines->file) && written;
    lines->file = NULL;
    if (!written)
        command_say("the bad lines could not be written to %s: %s", lines->path, strerror(cause));
    return written;
}

void bad_lines_close(struct bad_lines *lines, bool kept)
{
    if (!lines)
        return;
    if (lines->file)
        (void)fclose(lines->file); /* the import has ended before */
    if (lines->made && kept)
        command_say("the bad lines are in %s: mend them there, and import that file", lines->path);
    else if (lines->made)
        (void)unlink(lines->path);
    if (lines->too_long && kept)
        command_say("%s bad lines are not kept there: they are longer than 1 MiB",
                    format_count(lines->too_long).text);
    memory_free(lines->path);
    memory_free(lines->header);
    memory_free(lines->footer);
    memory_free(lines);
}
