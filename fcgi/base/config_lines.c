/* Lines that must not reach libinih; see config_lines.h.
 *
 * libinih forgives what a configuration must not be forgiven. It reads lines into a buffer of 200 bytes, so
 * that the rest of a longer one is a line of its own, perhaps another setting. It takes a line that begins
 * with a blank for more of the value above. And from a semicolon behind a blank on it takes the rest of a
 * line for a comment: of `password = one ;two` it hands out "one", of `allow_origin = https://a ; https://b`
 * the half, and nobody is told. All of it is decided when Debian builds the library, so it cannot be switched
 * off here.
 *
 * Such a line is refused, with its number, before the library sees it. Comments have a line of their own,
 * beginning with ; or #, indented or not; a semicolon without a blank before it is part of the value, here as
 * there. Whoever has a password with blank and semicolon in it puts it into a file. */
#include "base/config_lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What the library takes for blanks: isspace() in the C locale, without the end of the line. */
static const char blanks_of_ini[] = " \t\v\f\r";

static bool has_inline_comment(const char *line, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        if (line[i] == ';' && line[i - 1] && strchr(blanks_of_ini, line[i - 1]))
            return true;
    }
    return false;
}

/* in_value: a setting stands above this line. */
static const char *find_fault(const char *line, size_t length, bool *in_value)
{
    size_t blanks = strspn(line, blanks_of_ini);
    char first = line[blanks];
    bool empty = first == '\n' || !first || first == '#' || first == ';';
    if (length > LIMIT_CONFIG_LINE_BYTES)
        return "longer than 190 bytes";
    if (empty)
        return NULL;
    if (blanks && *in_value)
        return "indented below a setting, as if it went on with the value";
    *in_value = first != '[';
    if (*in_value && has_inline_comment(line, length))
        return "a semicolon behind a blank would end the value; put a comment on a line of its own, and a "
               "password that holds both into password_file";
    return NULL;
}

const char *config_find_bad_line(const char *text, int *line)
{
    bool in_value = false;
    for (*line = 1; *text; ++*line) {
        size_t length = strcspn(text, "\n");
        const char *fault = find_fault(text, length, &in_value);
        if (fault)
            return fault;
        text += length + (text[length] == '\n');
    }
    return NULL;
}
