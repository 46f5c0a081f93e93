/* Items in answers; see json.h.
 *
 * Shops whose ids are numbers have clients that compare them as numbers, hence the setting. A number of JSON
 * is a double for most readers: beyond 2^53 - 1 two ids would become one, so those stay text. */
#include "api/items/json.h"

#include "base/text.h"

static const int64_t largest_exact = (INT64_C(1) << 53) - 1;

void item_write_id(struct json_writer *out, const char *key, const struct config *config, const char *id)
{
    int64_t number;
    if (config->ids_are_integers && id[0] >= '1' && id[0] <= '9' && text_to_int64(id, &number) &&
        number <= largest_exact)
        json_writer_integer(out, key, number);
    else
        json_writer_text(out, key, id);
}

void item_write_open(struct json_writer *out, const char *key, const struct config *config,
                     const struct item_row *item)
{
    json_writer_object(out, key);
    item_write_id(out, "id", config, item->id);
    json_writer_text(out, "object", "item");
    json_writer_text(out, "name", item->name);
    json_writer_text(out, "description", item->description);
    json_writer_stored(out, "metadata", item->metadata);
    json_writer_boolean(out, "active", item->active);
    json_writer_integer(out, "created", item->created_at);
    json_writer_integer(out, "updated_at", item->updated_at);
}
