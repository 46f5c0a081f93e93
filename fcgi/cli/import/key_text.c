/* Keys and names; see key_text.h.
 *
 * Keys stand in URLs, file names, lock names and on command lines, so that they are narrow: lower case,
 * digits and hyphens. One rule for all of them, in one place. Names and ids are any text that people can
 * read and a database compares without surprises. */
#include "cli/import/key_text.h"

#include "base/text.h"

#include <string.h>

static char key_character(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
}

bool key_derive(const char *name, char key[KEY_SIZE])
{
    size_t length = 0;
    bool gap = false;
    for (; *name; name++) {
        char c = key_character(*name);
        size_t needed = gap && length ? 2 : 1;
        if (!c) {
            gap = true;
            continue;
        }
        if (length + needed > KEY_CHARACTERS)
            break;
        if (needed == 2)
            key[length++] = '-';
        key[length++] = c;
        gap = false;
    }
    key[length] = '\0';
    return length > 0;
}

bool key_is_valid(const char *key)
{
    size_t length = strlen(key);
    return length >= 1 && length <= KEY_CHARACTERS &&
           strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* Spaces at the end are refused because some collations do not compare them, so that "a" and "a " would be
 * one id here and two there. */
const char *id_problem(const char *id, size_t maximum)
{
    size_t length = strlen(id);
    if (!length)
        return "not be empty";
    if (!text_is_utf8(id, length))
        return "be valid UTF-8";
    if (text_count_characters(id) > maximum)
        return maximum == 128 ? "have at most 128 characters" : "be shorter";
    if (text_has_control(id, length))
        return "not hold control characters";
    if (text_is_blank(id))
        return "not be blanks alone";
    if (id[0] == ' ' || id[length - 1] == ' ')
        return "not begin or end with a space";
    return NULL;
}
