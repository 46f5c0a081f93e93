/* The elements of a JSON array in a file; see json_elements.h.
 *
 * The problem: programs write a catalogue as one array, in one line or in a million. As a tree it would take many
 * times its size, and the whole of it must not be kept: a file may be larger than the memory.
 *
 * The idea: an element ends where its brackets are closed again, and brackets within texts do not count. So one pass
 * over the characters, with the depth and whether a text is open, cuts the array into elements, each of which is then
 * parsed like a line of JSON lines. What is between them must be blanks and one comma.
 *
 * Cost: each byte once, memory for one element. What it does not do: it does not check the elements; a broken one is
 * a bad row where its brackets are in order, and else ends the reading at the file's end. */
#include "cli/import/json_elements.h"

#include "base/memory.h"

#include <stdbool.h>
#include <string.h>

struct json_elements {
    struct line_reader *reader;
    bool begun, ended, separated; /* a comma has come since the last element, or none was needed */
    int next; /* a byte that was read and belongs to what follows; or one of line_reader_byte() */
    bool has_next;
    char *text; /* LINE_BYTES and a zero */
    const char *problem;
};

struct json_elements *json_elements_create(struct line_reader *reader)
{
    struct json_elements *elements = memory_alloc(1, sizeof(*elements));
    elements->reader = reader;
    elements->text = memory_alloc(LINE_BYTES + 1, 1);
    return elements;
}

void json_elements_destroy(struct json_elements *elements)
{
    if (!elements)
        return;
    memory_free(elements->text);
    memory_free(elements);
}

static enum line_outcome fail(struct json_elements *elements, const char *problem)
{
    elements->problem = problem;
    return LINE_BROKEN;
}

static int take_byte(struct json_elements *elements)
{
    if (!elements->has_next)
        return line_reader_byte(elements->reader);
    elements->has_next = false;
    return elements->next;
}

static void give_back(struct json_elements *elements, int byte)
{
    elements->next = byte;
    elements->has_next = true;
}

static int skip_blanks(struct json_elements *elements)
{
    int byte;
    do
        byte = take_byte(elements);
    while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r');
    return byte;
}

/* Reads on to the next element: its first byte, or 0 behind the last. */
static enum line_outcome find_element(struct json_elements *elements, int *first)
{
    for (;;) {
        int byte = skip_blanks(elements);
        if (byte == LINE_READER_BROKEN)
            return fail(elements, line_reader_problem(elements->reader));
        if (elements->ended)
            return byte == LINE_READER_END
                       ? LINE_END
                       : fail(elements, "there is more text behind the end of the JSON array");
        if (byte == LINE_READER_END)
            return fail(elements, "the JSON array ends too early: the file was cut short");
        if (!elements->begun && byte != '[')
            return fail(elements, "the file is no JSON array");
        if (!elements->begun) {
            elements->begun = elements->separated = true;
        } else if (byte == ']') {
            elements->ended = true;
        } else if (byte == ',' && !elements->separated) {
            elements->separated = true;
        } else if (byte == ',' || !elements->separated) {
            return fail(elements, "there must be one comma between the elements of a JSON array");
        } else {
            *first = byte;
            return LINE_OK;
        }
    }
}

/* Where a walk through an element stands. */
struct walk {
    size_t depth, used;
    bool quoted, escaped;
};

/* Takes a byte of the element; true when with it the brackets are closed again. */
static bool take_byte_of(struct json_elements *elements, struct walk *walk, char byte)
{
    if (walk->used < LINE_BYTES)
        elements->text[walk->used] = byte;
    walk->used++;
    if (walk->quoted) {
        walk->quoted = walk->escaped || byte != '"';
        walk->escaped = !walk->escaped && byte == '\\';
        return false;
    }
    walk->quoted = byte == '"';
    walk->depth += byte == '{' || byte == '[';
    return walk->depth && (byte == '}' || byte == ']') && !--walk->depth;
}

enum line_outcome json_elements_next(struct json_elements *elements, char **text, size_t *length,
                                     uint64_t *line)
{
    int byte;
    struct walk walk = {0};
    enum line_outcome outcome = find_element(elements, &byte);
    *line = line_reader_number(elements->reader) + 1;
    if (outcome != LINE_OK)
        return outcome;
    for (bool closed = false; !closed; byte = closed ? byte : take_byte(elements)) {
        if (byte == LINE_READER_BROKEN)
            return fail(elements, line_reader_problem(elements->reader));
        if (byte == LINE_READER_END)
            return fail(elements, "the JSON array ends too early: the file was cut short");
        bool is_bare = !walk.quoted && !walk.depth && walk.used; /* a number or a word */
        if (is_bare && (byte == ',' || byte == ']')) {
            give_back(elements, byte);
            break;
        }
        closed = take_byte_of(elements, &walk, (char)byte);
    }
    elements->separated = false;
    if (walk.used > LINE_BYTES)
        return LINE_TOO_LONG;
    elements->text[walk.used] = '\0';
    *text = elements->text;
    *length = walk.used;
    return LINE_OK;
}

const char *json_elements_problem(const struct json_elements *elements)
{
    return elements->problem;
}
