/* Items in answers; see json.h. */
#include "api/items/json.h"

#include "api/id_json.h"
#include "base/json.h"

#include <string.h>

static struct json_object *metadata_json(struct arena *arena, const char *text)
{
    struct json_object *metadata = NULL;
    const char *problem;
    if (json_parse_arena(arena, text, strlen(text), &metadata, &problem) &&
        json_object_is_type(metadata, json_type_object))
        return json_object_get(metadata);
    return json_object_new_object();
}

struct json_object *item_json(struct arena *arena, const struct config *config, const struct item_row *item)
{
    struct json_object *body = json_object_new_object();
    json_add(body, "id", id_json(config, item->id));
    json_add_text(body, "object", "item");
    json_add_text(body, "name", item->name);
    json_add_text(body, "description", item->description);
    json_add(body, "metadata", metadata_json(arena, item->metadata));
    json_add_boolean(body, "active", item->active);
    json_add_integer(body, "created", item->created_at);
    json_add_integer(body, "updated_at", item->updated_at);
    return body;
}
