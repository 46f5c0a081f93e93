/* The lines of a record; see raw_lines.h. Each row of a file is copied here, bad or not, since what is wrong with it
 * is known only when it has been read; the buffer grows to the longest record and stays. */
#include "cli/import/raw_lines.h"

#include "base/memory.h"

#include <string.h>

void raw_lines_clear(struct raw_lines *lines)
{
    lines->length = 0;
}

void raw_lines_add(struct raw_lines *lines, const char *line, size_t length)
{
    if (lines->length + length + 2 > lines->size) {
        lines->size = (lines->length + length + 2) * 2;
        lines->text = memory_resize(lines->text, lines->size, 1);
    }
    if (lines->length)
        lines->text[lines->length++] = '\n';
    char *added = lines->text + lines->length, *end = added + length;
    memcpy(added, line, length);
    for (char *zero = added; (zero = memchr(zero, '\0', (size_t)(end - zero)));)
        *zero++ = ' ';
    *end = '\0';
    lines->length += length;
}

void raw_lines_join(struct raw_lines *lines)
{
    for (size_t i = 0; i < lines->length; i++) {
        if (lines->text[i] == '\n' || lines->text[i] == '\r')
            lines->text[i] = ' ';
    }
}

const char *raw_lines_text(const struct raw_lines *lines)
{
    return lines->length ? lines->text : NULL;
}

void raw_lines_free(struct raw_lines *lines)
{
    memory_free(lines->text);
    *lines = (struct raw_lines){0};
}
