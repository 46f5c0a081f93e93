/* The keys of metadata that a table speaks of; see table_keys.h. Lists are short, so they are searched. */
#include "cli/import/table_keys.h"

#include "base/json_write.h"
#include "cli/import/table_header.h"

#include <string.h>

static void add_key(struct table_keys *keys, const char *name)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (!strcmp(keys->names[i], name))
            return;
    }
    if (keys->count < CSV_FIELDS)
        keys->names[keys->count++] = name;
}

void table_keys_find(const char *const *columns, size_t count, struct table_keys *keys)
{
    *keys = (struct table_keys){0};
    for (size_t i = 0; i < count; i++) {
        const char *key = columns[i][0] == '~' ? shop_export_key(columns[i]) : columns[i];
        keys->whole = keys->whole || !strcmp(columns[i], "metadata");
        if (key && *key && !table_is_known_name(IMPORT_ITEMS, key))
            add_key(keys, key);
    }
}

static bool has_value(const struct record *record, const char *name)
{
    size_t i = 0;
    while (i < record->count && strcmp(record->values[i].name, name))
        i++;
    return i < record->count;
}

const char *table_keys_emptied(const struct table_keys *keys, const struct record *record,
                               struct arena *arena)
{
    if (keys->whole)
        return NULL;
    struct json_writer *out = json_writer_create(arena);
    json_writer_object(out, NULL);
    for (size_t i = 0; i < keys->count; i++) {
        if (!has_value(record, keys->names[i]))
            json_writer_null(out, keys->names[i]);
    }
    json_writer_end(out);
    return json_writer_result(out);
}
