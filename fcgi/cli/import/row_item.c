/* A record as an item, with every rule checked; see row.h.
 *
 * Columns with a meaning (id, name, description, active, created, metadata) become fields. In CSV all
 * others become metadata, since there a column is the only way to have any; numbers are recognised by the
 * strict form that JSON has, so that article numbers with leading zeros stay texts, and columns of categories
 * may hold paths and lists (category_text.h). In JSON lines metadata
 * has its own member, and a member that means nothing is more likely a mistake: it is left out, counted,
 * and mentioned at the end with some of the names.
 *
 * The id may be called id, item_id or entity_id, as the documents of the API call it; two of them in one
 * record are refused even when they agree. */
#include "cli/import/row.h"

#include "base/decimal.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/moment.h"
#include "base/text.h"
#include "cli/import/category_text.h"
#include "cli/import/key_text.h"
#include "engine/label.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The field's text, copied because values of CSV do not last. */
static bool copy_text(struct record *record, const struct record_value *value, struct arena *arena,
                      const char **text)
{
    if (!value->text || json_object_is_type(value->json, json_type_boolean))
        return record_reject(record, "%.60s must be text", value->name);
    *text = arena_copy_text(arena, value->text);
    return true;
}

static bool read_flag(struct record *record, const struct record_value *value, bool *flag)
{
    static const char *const yes[] = {"true", "1", "yes"}, *const no[] = {"false", "0", "no"};
    for (size_t i = 0; value->text && i < 3; i++) {
        if (!strcasecmp(value->text, yes[i]) || !strcasecmp(value->text, no[i])) {
            *flag = !strcasecmp(value->text, yes[i]);
            return true;
        }
    }
    return record_reject(record, "%.60s must be true or false", value->name);
}

static bool read_created(struct record *record, const struct record_value *value, int64_t *seconds)
{
    int64_t milliseconds;
    if (value->text && (!strncmp(value->text, "0000-00-00", 10) || !strcasecmp(value->text, "NULL")))
        return true; /* how databases write that there is none */
    if (!value->text || !moment_parse(value->text, &milliseconds))
        return record_reject(record, "%.60s " MOMENT_RULE, value->name);
    *seconds = milliseconds / 1000;
    return true;
}

/* The categories of a cell, one as text and several as a list; NULL: the cell is no path and no list. */
static struct json_object *read_categories(struct arena *arena, const char *cell)
{
    const char *values[CATEGORY_VALUES], *decoded = category_text_decode(arena, cell);
    size_t count = category_text_split(arena, decoded, values);
    if (!count && strcmp(decoded, cell) != 0)
        return json_object_new_string(decoded);
    if (count < 2)
        return count ? json_object_new_string(values[0]) : NULL;
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < count; i++)
        json_object_array_add(list, json_object_new_string(values[i]));
    return list;
}

/* An unknown column of CSV is metadata: a list where it has several categories, a number where it is one as JSON
 * writes it, else text: "007", "9,99" and whole numbers beyond 64 bits, which JSON's readers would round. */
static void add_column(const struct record *record, struct arena *arena, struct json_object *metadata,
                       const struct record_value *value)
{
    double number;
    int64_t whole;
    struct json_object *json = NULL;
    if (value->json)
        json = json_object_get(value->json);
    else if (!record->plain_categories && label_is_category(value->name))
        json = read_categories(arena, value->text);
    if (json)
        ; /* it is made */
    else if (!decimal_is_plain(value->text) || !text_to_double(value->text, &number))
        json = json_object_new_string(value->text);
    else if (text_to_int64(value->text, &whole))
        json = json_object_new_int64(whole);
    else
        json = strchr(value->text, '.') ? json_object_new_double_s(number, value->text)
                                        : json_object_new_string(value->text);
    json_object_object_add(metadata, value->name, json);
}

/* Members are added to what other columns gave; of two with one name the later one stays. */
static bool read_metadata(struct record *record, const struct record_value *value, struct arena *arena,
                          struct json_object *metadata)
{
    struct json_object *object = value->json;
    const char *problem;
    if (record->format == IMPORT_CSV &&
        !json_parse_arena(arena, value->text, strlen(value->text), &object, &problem))
        return record_reject(record, "metadata is %s", problem);
    if (json_object_is_type(object, json_type_array) && !json_object_array_length(object))
        return true; /* PHP's empty object */
    if (!json_object_is_type(object, json_type_object))
        return record_reject(record, "metadata must be a JSON object");
    json_object_object_foreach(object, name, member)
    {
        json_object_object_add(metadata, name, json_object_get(member));
    }
    return true;
}

static void note_ignored(struct ignored_names *ignored, const char *name)
{
    ignored->count++;
    size_t used = strlen(ignored->examples);
    const char *known = strstr(ignored->examples, name);
    if (known || used + strlen(name) + 3 > sizeof(ignored->examples))
        return;
    snprintf(ignored->examples + used, sizeof(ignored->examples) - used, "%s%s", used ? ", " : "", name);
}

/* A table's column has its name by then, and another one that could be an id is metadata beside it. */
static bool is_id_name(const struct record *record, const char *name)
{
    return !strcmp(name, "id") ||
           (record->format != IMPORT_CSV && (!strcmp(name, "item_id") || !strcmp(name, "entity_id")));
}

static bool read_value(struct record *record, const struct record_value *value, struct arena *arena,
                       struct admin_item *item, struct json_object *metadata, struct ignored_names *ignored)
{
    if (is_id_name(record, value->name)) {
        if (item->id)
            return record_reject(record, "the id is given twice (id, item_id and entity_id mean the same)");
        if (json_object_is_type(value->json, json_type_double))
            return record_reject(record, "%.60s must be text or a whole number", value->name);
        return copy_text(record, value, arena, &item->id);
    }
    if (!strcmp(value->name, "name"))
        return copy_text(record, value, arena, &item->name);
    if (!strcmp(value->name, "description")) {
        item->has_description = true;
        return copy_text(record, value, arena, &item->description);
    }
    if (!strcmp(value->name, "active")) {
        item->has_active = true;
        return read_flag(record, value, &item->active);
    }
    if (!strcmp(value->name, "created"))
        return read_created(record, value, &item->created);
    if (!strcmp(value->name, "metadata")) {
        item->has_metadata = true;
        return read_metadata(record, value, arena, metadata);
    }
    if (record->format == IMPORT_CSV) {
        item->has_metadata = true;
        add_column(record, arena, metadata, value);
    } else {
        note_ignored(ignored, value->name);
    }
    return true;
}

/* The name of a member of JSON that is a list of objects: many an API wraps its items so. NULL: none. */
static const char *find_list(const struct record *record)
{
    for (size_t i = 0; i < record->count && record->format != IMPORT_CSV; i++) {
        struct json_object *json = record->values[i].json;
        if (json_object_is_type(json, json_type_array) && json_object_array_length(json) &&
            json_object_is_type(json_object_array_get_idx(json, 0), json_type_object))
            return record->values[i].name;
    }
    return NULL;
}

/* The limits are those of the API, so that what was imported can also be changed through it. */
static bool check_item(struct record *record, const struct admin_item *item)
{
    const char *list = find_list(record);
    if (!item->id && list)
        return record_reject(
            record, "id is missing, but there is a list \"%.60s\": if it has the items, give it alone", list);
    if (!item->id)
        return record_reject(record, "id is missing");
    const char *problem = id_problem(item->id, LIMIT_ID_CHARACTERS);
    if (problem)
        return record_reject(record, "id must %s", problem);
    if (!item->name || !item->name[strspn(item->name, " \t\r\n")])
        return record_reject(record, "name is missing");
    if (text_count_characters(item->name) > LIMIT_NAME_CHARACTERS)
        return record_reject(record, "name must have at most %d characters", LIMIT_NAME_CHARACTERS);
    if (text_count_characters(item->description) > LIMIT_DESCRIPTION_CHARACTERS)
        return record_reject(record, "description must have at most %d characters",
                             LIMIT_DESCRIPTION_CHARACTERS);
    if (strlen(item->metadata) > LIMIT_METADATA_BYTES)
        return record_reject(record, "metadata must have at most %d bytes of JSON", LIMIT_METADATA_BYTES);
    return true;
}

/* Fields are read in the order of the file and the whole is checked at the end, since which of the names
 * for an id a file uses is not known before. */
bool import_row_item(struct record *record, struct arena *arena, struct admin_item *item,
                     struct ignored_names *ignored)
{
    struct json_object *metadata = json_keep(arena, json_object_new_object());
    *item = (struct admin_item){.active = true, .description = ""};
    for (size_t i = 0; i < record->count; i++) {
        if (!read_value(record, &record->values[i], arena, item, metadata, ignored))
            return false;
    }
    item->metadata = json_text(metadata);
    return check_item(record, item);
}
