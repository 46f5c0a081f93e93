/* Arrays of JSON, entry by entry; see json_list.h.
 *
 * The problem: a list of a thousand items as one tree takes several times its text, and all of it at once,
 * though each entry is looked at by itself and little of it is kept.
 *
 * The idea: only the outermost brackets and commas are found here, by counting how deep other brackets are and
 * stepping over texts; that is one pass, which allocates nothing. Each entry then goes through json_parse(),
 * all of its rules included, and its tree is freed before the next one is made. As the bytes of an entry are
 * not needed once it is a tree, the texts that are kept of it (its id, its name, its metadata written again)
 * are put there: decoded they are never longer than with their quotes and escapes, and JSON that is written
 * again is never longer than it came, so they fit; where they do not, the arena takes them.
 *
 * Brackets are not told apart here: `[{]}` ends early or holds an entry that is no JSON, and is refused by one
 * or the other. Every byte between the outermost brackets belongs to an entry or is a comma, so none escapes
 * json_parse()'s look at UTF-8 and zero bytes.
 *
 * Cost: linear in the text, a pass more than parsing alone; memory that of the largest entry's tree. What it
 * does not do: notice a broken entry before the ones in front of it have been read. */
#include "base/json_list.h"

#include <string.h>

/* The closing quote of the text that begins at this offset, or the end of the bytes. */
static size_t find_quote(const char *bytes, size_t length, size_t at)
{
    for (at++; at < length && bytes[at] != '"'; at++)
        at += bytes[at] == '\\';
    return at < length ? at : length;
}

/* The comma or bracket behind the entry that begins at this offset, or the end of the bytes. */
static size_t find_end(const char *bytes, size_t length, size_t at)
{
    size_t depth = 0;
    for (; at < length; at++) {
        char byte = bytes[at];
        if (byte == '"')
            at = find_quote(bytes, length, at);
        else if (byte == '{' || byte == '[')
            depth++;
        else if (!depth && (byte == ',' || byte == '}' || byte == ']'))
            return at;
        else if (byte == '}' || byte == ']')
            depth--;
    }
    return length;
}

static size_t skip_blanks(const char *bytes, size_t length, size_t at)
{
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n'))
        at++;
    return at;
}

bool json_list_begins(const char *bytes, size_t length)
{
    size_t at = skip_blanks(bytes, length, 0);
    return at < length && bytes[at] == '[';
}

bool json_list_open(char *bytes, size_t length, struct json_list *list, const char **problem)
{
    size_t at = skip_blanks(bytes, length, 0) + 1, end;
    *list = (struct json_list){.bytes = bytes, .length = length, .next = at};
    *problem = "not valid JSON";
    if (!json_list_begins(bytes, length))
        return false;
    bool is_empty = skip_blanks(bytes, length, at) == find_end(bytes, length, at);
    for (;; at = end + 1) {
        end = find_end(bytes, length, at);
        list->count++;
        list->longest = end - at > list->longest ? end - at : list->longest;
        if (end == length || bytes[end] != ',')
            break;
        is_empty = false;
    }
    if (end == length)
        *problem = "JSON that ends too early";
    else if (skip_blanks(bytes, length, end + 1) < length)
        *problem = "JSON with something behind its end";
    else if (bytes[end] == ']')
        *problem = NULL;
    if (!*problem && is_empty)
        list->count = 0;
    return !*problem;
}

bool json_list_next(struct json_list *list, struct json_object **value, const char **problem)
{
    size_t start = list->next, end = find_end(list->bytes, list->length, start);
    list->next = end + 1;
    list->room = list->bytes + start;
    list->room_left = end - start;
    return json_parse_entry(list->room, list->room_left, value, problem);
}

const char *json_list_keep(struct json_list *list, struct arena *arena, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    if (!text)
        return NULL;
    if (size > list->room_left)
        return arena_copy_text(arena, text);
    char *copy = memcpy(list->room, text, size);
    list->room += size;
    list->room_left -= size;
    return copy;
}
