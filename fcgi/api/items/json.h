/* Items in answers: the resource that all paths share, and the form of an id. */
#ifndef PALATE_API_ITEMS_JSON_H
#define PALATE_API_ITEMS_JSON_H

#include "base/config.h"
#include "base/json_write.h"
#include "storage/items.h"

/* Writes {id, object: "item", name, description, metadata, active, created, updated_at} and leaves it open:
 * more members may follow before json_writer_end(). Metadata that is no JSON object becomes an empty one. */
void item_write_open(struct json_writer *out, const char *key, const struct config *config,
                     const struct item_row *item) __attribute__((nonnull(1, 3, 4)));

/* Writes an id: text, or, with [ids] json = integer, a number where it is one. A number only for digits that
 * mean exactly this number in JavaScript, too: no leading zero, at most 2^53 - 1. */
void item_write_id(struct json_writer *out, const char *key, const struct config *config, const char *id)
    __attribute__((nonnull(1, 3, 4)));

#endif
