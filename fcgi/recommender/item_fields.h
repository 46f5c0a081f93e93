/* Metadata of an item (JSON of the shop) as the flat fields that the engine filters by. */
#ifndef PALATE_RECOMMENDER_ITEM_FIELDS_H
#define PALATE_RECOMMENDER_ITEM_FIELDS_H

#include "base/arena.h"
#include "engine/item.h"

#include <json-c/json.h>

/* Sets item->fields and field_count from a metadata object: nested objects become dotted paths, lists one
 * field an element, booleans "true" and "false", nulls nothing. A number has one spelling (7 for 7.0), so that equal numbers
 * are equal texts; a text stays as it is, and is also a number where it is an amount (base/decimal.h). Everything is copied into the arena. At most ITEM_FIELDS_MAX fields; what is beyond stays
 * in the metadata but cannot be filtered by. */
enum { ITEM_FIELDS_MAX = 500 };
void item_fields_read(struct arena *arena, struct json_object *metadata, struct engine_item *item)
    __attribute__((nonnull(1, 3)));

/* The same from JSON text; text that is no JSON object gives no fields. */
void item_fields_parse(struct arena *arena, const char *metadata, struct engine_item *item)
    __attribute__((nonnull));

#endif
