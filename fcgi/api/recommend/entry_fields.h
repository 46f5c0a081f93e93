/* Which members the entries of a list have: `fields` and `embedding` of a request.
 *
 * What tells an entry from others (id, entity_id, item_id, rank, score) is always there; a page that shows names and
 * pictures needs neither the vectors, which are half of the bytes, nor everything twice. */
#ifndef PALATE_API_RECOMMEND_ENTRY_FIELDS_H
#define PALATE_API_RECOMMEND_ENTRY_FIELDS_H

#include "request/request.h"

enum entry_field {
    ENTRY_NAME = 1,
    ENTRY_DESCRIPTION = 2,
    ENTRY_METADATA = 4,
    ENTRY_EMBEDDING = 8,
    ENTRY_ITEM = 16,
    ENTRY_SOURCE = 32,
    ENTRY_GROUP = 64, /* of an entry; a group always has its name */
    ENTRY_EXPLANATION = 128,
    ENTRY_ALL = 255,
};

/* Reads `fields`, text with names between commas or a list of names, and `embedding`, a wish that goes before it.
 * *fields, a set of enum entry_field, is what the entries have without either. Unknown names: ERROR_VALIDATION. */
bool entry_fields_read(struct request *request, unsigned *fields)
    __attribute__((nonnull, warn_unused_result));

#endif
