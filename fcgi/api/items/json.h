/* Items in answers: the resource that all paths share. */
#ifndef PALATE_API_ITEMS_JSON_H
#define PALATE_API_ITEMS_JSON_H

#include "base/arena.h"
#include "base/config.h"
#include "storage/items.h"

#include <json-c/json.h>

/* {id, object: "item", name, description, metadata, active, created, updated_at}. Metadata that is no JSON
 * object becomes an empty one. */
struct json_object *item_json(struct arena *arena, const struct config *config, const struct item_row *item)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
