/* Items in answers: the resource that all paths share. */
#ifndef PALATE_API_ITEMS_JSON_H
#define PALATE_API_ITEMS_JSON_H

#include "base/json_write.h"
#include "storage/items.h"

/* Writes {id, object: "item", name, description, metadata, active, created, updated_at} and leaves it open:
 * more members may follow before json_writer_end(). Metadata that is no JSON object becomes an empty one. */
void item_write_open(struct json_writer *out, const char *key, const struct item_row *item)
    __attribute__((nonnull(1, 3)));

#endif
