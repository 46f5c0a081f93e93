/* The header of a table; see table_header.h.
 *
 * The problem: programs separate columns by commas, semicolons (Excel where the comma is the decimal mark), tabs or
 * bars, and call the same column "id", "ID", "Item-Id" or "product_id". A person sees at once what is meant.
 *
 * The rules: the separator is the sign that stands most often in the header outside of quotes, since names of columns
 * hardly ever hold one; a line "sep=;" in front, which Excel writes and reads, decides. A column's name counts without
 * blanks around it, and without capitals, hyphens and underscores where it is compared with a name that Palate knows.
 * An exact name goes before an alias: a file with both "name" and "title" has its name in "name". What has another
 * name is said by --map. Columns that nobody knows keep their names and become metadata.
 *
 * What it does not do: it does not guess from the values of a column what it is. */
#include "cli/import/table_header.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

char table_named_separator(const char *line)
{
    bool quoted = *line == '"';
    line += quoted;
    if (strncasecmp(line, "sep=", strlen("sep=")) || !line[4] || strcmp(line + 5, quoted ? "\"" : ""))
        return '\0';
    return line[4];
}

char table_find_separator(const char *header)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t counts[sizeof(candidates)] = {0}, best = 0;
    bool quoted = false;
    for (; *header; header++) {
        quoted ^= *header == '"';
        for (size_t i = 0; !quoted && i < sizeof(candidates); i++)
            counts[i] += *header == candidates[i];
    }
    for (size_t i = 1; i < sizeof(candidates); i++)
        best = counts[i] > counts[best] ? i : best;
    return candidates[best];
}

const char *table_separator_name(char separator)
{
    return separator == ','    ? "commas"
           : separator == ';'  ? "semicolons"
           : separator == '\t' ? "tabs"
           : separator == '|'  ? "bars (|)"
                               : "a sign of its own";
}

char *table_clean_name(struct arena *arena, const char *name)
{
    while (text_blank_bytes(name))
        name += text_blank_bytes(name);
    size_t length = 0; /* up to the last character that is no blank */
    for (const char *at = name; *at;) {
        size_t blank = text_blank_bytes(at);
        at += blank ? blank : 1;
        length = blank ? length : (size_t)(at - name);
    }
    return arena_copy_bytes(arena, name, length);
}

/* The next letter that counts, in lower case. */
static char next_letter(const char **name)
{
    while (**name == ' ' || **name == '_' || **name == '-')
        ++*name;
    char letter = **name;
    *name += letter != '\0';
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + ('a' - 'A')) : letter;
}

bool table_names_agree(const char *one, const char *other)
{
    for (;;) {
        char left = next_letter(&one), right = next_letter(&other);
        if (left != right)
            return false;
        if (!left)
            return true;
    }
}

/* ---- Known names */

enum { ALIASES = 8 };

struct known_name {
    const char *name;
    enum { FREE, NEEDED, NEEDED_TO_IMPORT } need;
    const char *aliases[ALIASES];
};

static const struct known_name of_items[] = {
    {"id", NEEDED, {"item_id", "entity_id", "product_id", "article_id"}},
    {"name", NEEDED, {"title", "product_name", "item_name", "product_title"}},
    {"description", FREE, {"body_html", "product_description"}},
    {"active", FREE, {"active(0/1)", "is_active"}},
    {"created", FREE, {"created_at", "date_add", "date_added"}},
    {"metadata", FREE, {NULL}},
    {NULL, FREE, {NULL}},
};
/* Keys of metadata that mean something to preferences. */
static const struct known_name of_metadata[] = {
    {"category", FREE, {"categories", "category_name", "product_category"}},
    {"price", FREE, {NULL}},
    {NULL, FREE, {NULL}},
};
static const struct known_name of_events[] = {
    {"user_id", NEEDED, {"customer_id", "visitor_id", "client_id", "user", "customer", "user_pseudo_id"}},
    {"item_id", NEEDED, {"product_id", "article_id", "item", "product", "id_product"}},
    {"type", NEEDED_TO_IMPORT, {"event_type", "event", "event_name", "action"}},
    {"occurred_at",
     NEEDED_TO_IMPORT,
     {"timestamp", "event_time", "time", "date", "datetime", "created_at", "event_timestamp"}},
    {"quantity", FREE, {"qty", "product_quantity", "lineitem_quantity"}},
    {"deduplication_id", FREE, {"message_id", "idempotency_key"}},
    {NULL, FREE, {NULL}},
};

static const struct known_name *names_of(enum import_kind kind)
{
    return kind == IMPORT_ITEMS ? of_items : of_events;
}

static size_t find_column(const char *name, bool exactly, const char *const *columns, size_t count)
{
    size_t i = 0;
    while (i < count &&
           !(exactly ? !strcmp(columns[i], name) : *columns[i] && table_names_agree(columns[i], name)))
        i++;
    return i;
}

/* The column that has the name: to the letter, else nearly, else by an alias. count: none. */
static size_t find_known(const struct known_name *known, const char *const *columns, size_t count)
{
    size_t found = find_column(known->name, true, columns, count);
    if (found == count)
        found = find_column(known->name, false, columns, count);
    for (size_t i = 0; found == count && i < ALIASES && known->aliases[i]; i++)
        found = find_column(known->aliases[i], false, columns, count);
    return found;
}

/* ---- The user's map */

/* One entry, "name=title". */
static bool map_column(struct arena *arena, const char *entry, size_t length, const char **columns,
                       size_t count, char *problem, size_t problem_size)
{
    const char *equals = memchr(entry, '=', length);
    if (!equals || equals == entry || equals == entry + length - 1) {
        snprintf(problem, problem_size,
                 "--map must be name=column,...: the column of the file behind the name of the field");
        return false;
    }
    const char *name = table_clean_name(arena, arena_copy_bytes(arena, entry, (size_t)(equals - entry)));
    const char *column =
        table_clean_name(arena, arena_copy_bytes(arena, equals + 1, (size_t)(entry + length - equals - 1)));
    size_t found = find_column(column, true, columns, count);
    found = found == count ? find_column(column, false, columns, count) : found;
    if (found == count) {
        snprintf(problem, problem_size, "--map names a column \"%.60s\" that the file does not have", column);
        return false;
    }
    size_t other = find_column(name, true, columns, count);
    if (other < count && other != found)
        columns[other] = ""; /* what has the name by itself gives way */
    columns[found] = name;
    return true;
}

static bool apply_map(struct arena *arena, const char *map, const char **columns, size_t count, char *problem,
                      size_t problem_size)
{
    for (const char *entry = map; entry && *entry;) {
        size_t length = strcspn(entry, ",");
        if (!map_column(arena, entry, length, columns, count, problem, problem_size))
            return false;
        entry += length + (entry[length] == ',');
    }
    return true;
}

static bool check_twice(const char *const *columns, size_t count, char *problem, size_t problem_size)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = find_column(columns[i], true, columns, count);
        if (!*columns[i] || first == i)
            continue;
        snprintf(problem, problem_size, "the header names the column \"%.60s\" twice", columns[i]);
        return false;
    }
    return true;
}

static void take_names(const struct known_name *known, const char **columns, size_t count)
{
    for (; known->name; known++) {
        size_t found = find_known(known, columns, count);
        if (found < count)
            columns[found] = known->name;
    }
}

bool table_name_columns(struct arena *arena, enum import_kind kind, const char *map, const char **columns,
                        size_t count, char *problem, size_t problem_size)
{
    if (!check_twice(columns, count, problem, problem_size) ||
        !apply_map(arena, map, columns, count, problem, problem_size))
        return false;
    take_names(names_of(kind), columns, count);
    if (kind == IMPORT_ITEMS)
        take_names(of_metadata, columns, count);
    return check_twice(columns, count, problem, problem_size);
}

bool table_is_known_name(enum import_kind kind, const char *name)
{
    for (const struct known_name *known = names_of(kind); known->name; known++) {
        if (!strcmp(known->name, name))
            return true;
    }
    return false;
}

const char *table_missing_column(enum import_kind kind, const char *const *columns, size_t count)
{
    for (const struct known_name *known = names_of(kind); known->name; known++) {
        bool needed =
            known->need == NEEDED || (known->need == NEEDED_TO_IMPORT && kind != IMPORT_BARE_EVENTS);
        if (needed && find_column(known->name, true, columns, count) == count)
            return known->name;
    }
    return NULL;
}
