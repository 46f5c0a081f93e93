/* Metadata as flat fields; see item_fields.h.
 *
 * A walk over the JSON tree that keeps the path to where it is. Lists do not add to the path: {"size": [1,
 * 2]} and {"size": 1} have the same column, so that a shop may change from one to the other. The fields are
 * collected in a fixed array on the stack and then copied in one piece, since their number is not known
 * before. */
#include "recommender/item_fields.h"

#include "base/decimal.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

struct collector {
    struct arena *arena;
    struct engine_field fields[ITEM_FIELDS_MAX];
    size_t count;
};

static void add_field(struct collector *collector, const char *path, struct json_object *value)
{
    if (!value || collector->count == ITEM_FIELDS_MAX)
        return;
    bool is_number =
        json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
    struct engine_field field = {.path = path, .number = (double)NAN};
    if (is_number) {
        field.text = json_spell_number(collector->arena, value);
        field.number = json_object_get_double(value);
    } else {
        const char *text = json_object_get_string(value);
        field.text = arena_copy_text(collector->arena, text ? text : "");
        if (!decimal_parse_amount(field.text, &field.number))
            field.number = (double)NAN;
    }
    collector->fields[collector->count++] = field;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most LIMIT_JSON_DEPTH levels. */
static void collect_fields(struct collector *collector, const char *path, struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return;
    case json_type_object: {
        json_object_object_foreach(value, key, member)
        {
            collect_fields(collector,
                           *path ? arena_format(collector->arena, "%s.%s", path, key)
                                 : arena_copy_text(collector->arena, key),
                           member);
        }
        return;
    }
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++)
            collect_fields(collector, path, json_object_array_get_idx(value, i));
        return;
    default:
        add_field(collector, path, value);
    }
}

void item_fields_read(struct arena *arena, struct json_object *metadata, struct engine_item *item)
{
    struct collector collector = {.arena = arena};
    if (json_object_is_type(metadata, json_type_object))
        collect_fields(&collector, "", metadata);
    struct engine_field *fields = arena_alloc(arena, collector.count ? collector.count : 1, sizeof(*fields));
    memcpy(fields, collector.fields, collector.count * sizeof(*fields));
    item->fields = fields;
    item->field_count = collector.count;
}

void item_fields_parse(struct arena *arena, const char *metadata, struct engine_item *item)
{
    struct json_object *value = NULL;
    const char *problem;
    if (!json_parse_arena(arena, metadata, strlen(metadata), &value, &problem))
        value = NULL;
    item_fields_read(arena, value, item);
}
