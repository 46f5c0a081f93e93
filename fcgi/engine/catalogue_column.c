/* Columns of a catalogue by the names that filters and groups use; see the end of catalogue.h.
 *
 * A name is first one of the fields that each item has, under every spelling of the API's documents; any
 * other is a metadata path. Metadata may use those names, too, so "metadata.name" is always the key "name".
 * The value of an item as the model has it stands in the model's columns, that of a changed item among its
 * own values. */
#include "engine/catalogue.h"

#include <string.h>

static const struct {
    const char *name;
    enum catalogue_column_kind kind;
} built_in[] = {
    {"id", CATALOGUE_COLUMN_ID},
    {"item_id", CATALOGUE_COLUMN_ID},
    {"entity_id", CATALOGUE_COLUMN_ID},
    {"name", CATALOGUE_COLUMN_NAME},
    {"description", CATALOGUE_COLUMN_DESCRIPTION},
    {"created", CATALOGUE_COLUMN_CREATED},
    {"updated_at", CATALOGUE_COLUMN_UPDATED},
};

enum catalogue_column_kind catalogue_column_kind(const char *name, const char **path)
{
    static const char prefix[] = "metadata.";
    *path = name;
    for (size_t i = 0; i < sizeof(built_in) / sizeof(*built_in); i++)
        if (strcmp(built_in[i].name, name) == 0)
            return built_in[i].kind;
    if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
        *path = name + sizeof(prefix) - 1;
    return CATALOGUE_COLUMN_METADATA;
}

/* The model keeps an item's values in the order of its metadata, so the first code is the first value. */
static bool first_of_model(const struct model *model, uint32_t index, const char *path, const char **text)
{
    uint32_t column;
    if (!model_find_column(model, path, &column))
        return false;
    struct model_codes codes = model_item_codes(model, column, index);
    if (!codes.count || codes.codes[0] >= model_column_value_count(model, column))
        return false;
    *text = model_column_text(model, column, codes.codes[0]);
    return true;
}

static bool first_of_values(const struct catalogue *catalogue, uint32_t index, const char *path,
                            const char **text)
{
    struct catalogue_values values = catalogue_values(catalogue, index);
    struct catalogue_path wanted = catalogue_path(path);
    struct engine_field field;
    size_t cursor = 0;
    if (!catalogue_next_value(&values, &wanted, &cursor, &field))
        return false;
    *text = field.text;
    return true;
}

static bool text_if_any(const char *value, const char **text)
{
    if (!*value)
        return false;
    *text = value;
    return true;
}

bool catalogue_first_text(const struct catalogue *catalogue, uint32_t index, const char *column,
                          const char **text)
{
    struct engine_item item;
    const char *path;
    enum catalogue_column_kind kind = catalogue_column_kind(column, &path);
    catalogue_get(catalogue, index, &item);
    switch (kind) {
    case CATALOGUE_COLUMN_ID:
        return text_if_any(item.id, text);
    case CATALOGUE_COLUMN_NAME:
        return text_if_any(item.name, text);
    case CATALOGUE_COLUMN_DESCRIPTION:
        return text_if_any(item.description, text);
    case CATALOGUE_COLUMN_METADATA:
        return catalogue_is_changed(catalogue, index)
                   ? first_of_values(catalogue, index, path, text)
                   : first_of_model(catalogue_model(catalogue), index, path, text);
    case CATALOGUE_COLUMN_CREATED:
    case CATALOGUE_COLUMN_UPDATED:
    case CATALOGUE_COLUMN__MAX:
        break;
    }
    return false;
}
