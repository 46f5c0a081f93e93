/* Items in answers; see json.h. */
#include "api/items/json.h"

void item_write_open(struct json_writer *out, const char *key, const struct item_row *item)
{
    json_writer_object(out, key);
    json_writer_id(out, "id", item->id);
    json_writer_text(out, "object", "item");
    json_writer_text(out, "name", item->name);
    json_writer_text(out, "description", item->description);
    json_writer_stored(out, "metadata", item->metadata);
    json_writer_boolean(out, "active", item->active);
    json_writer_integer(out, "created", item->created_at);
    json_writer_integer(out, "updated_at", item->updated_at);
}
