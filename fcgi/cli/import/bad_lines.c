/* The lines that an import has left out; see bad_lines.h. */
#include "cli/import/bad_lines.h"

#include "base/memory.h"
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct bad_lines {
    char *path, *header;
    FILE *file; /* NULL: there has been no line */
};

struct bad_lines *bad_lines_create(const char *path, const char *header)
{
    struct bad_lines *lines = memory_alloc(1, sizeof(*lines));
    lines->path = memory_copy_text(path);
    lines->header = header ? memory_copy_text(header) : NULL;
    return lines;
}

bool bad_lines_keep(struct bad_lines *lines, const char *raw)
{
    if (!lines->file) {
        lines->file = fopen(lines->path, "wx");
        if (!lines->file) {
            command_say("cannot write bad lines to %s: %s; move it away, or name another one with --bad-file",
                        lines->path, strerror(errno));
            return false;
        }
        if (lines->header)
            fprintf(lines->file, "%s\n", lines->header);
    }
    if (raw)
        fprintf(lines->file, "%s\n", raw);
    return true;
}

void bad_lines_close(struct bad_lines *lines)
{
    if (!lines)
        return;
    if (lines->file) {
        bool written = !ferror(lines->file);
        written = !fclose(lines->file) && written;
        if (written)
            command_say("the bad lines are in %s: mend them there, and import that file", lines->path);
        else
            command_say("the bad lines could not be written to %s", lines->path);
    }
    memory_free(lines->path);
    memory_free(lines->header);
    memory_free(lines);
}
