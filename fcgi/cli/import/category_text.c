/* Splits a cell of categories; see category_text.h.
 *
 * The problem: a table has one cell for what is a tree and a list in the shop. "Kitchen > Mugs" taken as it
 * stands is a category that only itself is equal to, so a page of all that belongs to the kitchen would be
 * without the mugs; and "Kitchen|Gifts" belongs to neither.
 *
 * The idea: nearly all exports write a path with ">" (Google's and Meta's feeds, WooCommerce) and a list with
 * "|", and neither sign is part of a category's name anywhere that we have seen. So a cell with one of them
 * becomes a list of values, of which a filter or a preference finds each: the steps of a path from the top, so
 * that the first one, by which lists are grouped, is the department; and the whole path, since two
 * departments may have a step of one name ("Women > Shoes", "Men > Shoes"). Blanks around a step do not count,
 * nor does an empty step, as two separators or one at the end make it.
 *
 * A comma is no separator: it stands in names ("Home, Garden & Tools"). Nor is a slash ("TV/Video").
 *
 * Shops that keep texts escaped for HTML export them so: "Home &amp; Garden &gt; Tools" is decoded first.
 *
 * Cost: the values are few (at most CATEGORY_VALUES), so each is compared with all before it. */
#include "cli/import/category_text.h"

#include "engine/label.h"
#include "engine/letter.h"

#include <stdbool.h>
#include <string.h>

struct split {
    struct arena *arena;
    const char **values;
    size_t count;
    bool is_full;
};

/* Adds what is new of it. */
static void add_value(struct split *split, const char *value)
{
    const char *folded = label_fold(split->arena, value);
    for (size_t i = 0; i < split->count; i++)
        if (!label_compare(split->values[i], folded))
            return;
    split->is_full = split->is_full || split->count == CATEGORY_VALUES;
    if (!split->is_full)
        split->values[split->count++] = value;
}

/* A copy of the text up to end, without the blanks around it, whatever their width. */
static const char *copy_trimmed(struct arena *arena, const char *text, const char *end)
{
    const char *first = NULL, *last = text;
    for (const char *at = text; at < end;) {
        const char *begin = at;
        enum letter_kind kind = letter_kind(letter_read(&at));
        if (kind == LETTER_BLANK || kind == LETTER_NOTHING)
            continue;
        first = first ? first : begin;
        last = at;
    }
    return first ? arena_copy_bytes(arena, first, (size_t)(last - first)) : "";
}

char *category_text_decode(struct arena *arena, const char *cell)
{
    static const struct {
        const char *name;
        char sign;
    } entities[] = {{"&amp;", '&'},  {"&gt;", '>'},    {"&lt;", '<'},   {"&quot;", '"'},
                    {"&#39;", '\''}, {"&#039;", '\''}, {"&apos;", '\''}};
    char *out = arena_copy_text(arena, cell), *to = out;
    for (const char *at = cell; *at;) {
        size_t i = 0;
        while (i < sizeof(entities) / sizeof(entities[0]) &&
               strncmp(at, entities[i].name, strlen(entities[i].name)) != 0)
            i++;
        bool is_entity = i < sizeof(entities) / sizeof(entities[0]);
        *to++ = is_entity ? entities[i].sign : *at;
        at += is_entity ? strlen(entities[i].name) : 1;
    }
    *to = '\0';
    return out;
}

size_t category_text_split(struct arena *arena, const char *cell, const char *values[CATEGORY_VALUES])
{
    struct split split = {.arena = arena, .values = values};
    const char *path = NULL;
    bool is_deep = false;
    if (!cell[strcspn(cell, ">|")])
        return 0;
    for (const char *at = cell; !split.is_full;) {
        const char *end = at + strcspn(at, ">|"), *step = copy_trimmed(arena, at, end);
        if (*step) {
            is_deep = path;
            path = path ? arena_format(arena, "%s > %s", path, step) : step;
            add_value(&split, step);
        }
        if (!*end || *end == '|') {
            if (is_deep)
                add_value(&split, path);
            path = NULL;
            is_deep = false;
        }
        if (!*end)
            break;
        at = end + 1;
    }
    return split.is_full ? 0 : split.count;
}
