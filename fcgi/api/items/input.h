/* Items in requests: their ids under every name, and their fields, typed and limited. */
#ifndef PALATE_API_ITEMS_INPUT_H
#define PALATE_API_ITEMS_INPUT_H

#include "request/request.h"

/* NULL: not given. Texts live in the JSON that they were read from, until item_input_keep(), or in the arena. */
struct item_input {
    const char *id;
    const char *name, *description;
    const char *metadata; /* JSON text of an object */
    bool has_active, active;
};

/* The id under any of its names (id, item_id, itemId, entity_id), NULL when there is none; numbers become
 * text. Several must be the same. prefix stands before the field in errors: "" or "[3].". */
bool item_input_id(struct request *request, struct json_object *object, const char *prefix, const char **id)
    __attribute__((nonnull, warn_unused_result));

/* The fields but for the id, none of them required. `title` is read for an absent name on unversioned
 * paths. */
bool item_input_fields(struct request *request, struct json_object *object, const char *prefix,
                       struct item_input *input) __attribute__((nonnull, warn_unused_result));

/* An item to be made: an object with a name. Below /v1 its id must be plain: letters, digits, _ and -, the
 * first a letter or a digit. */
bool item_input_new(struct request *request, struct json_object *value, const char *prefix,
                    struct item_input *input) __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* For an entry of request->list that has been read: its texts outlive its JSON. */
void item_input_keep(struct request *request, struct item_input *input) __attribute__((nonnull));

/* Whether the id in the path can be one: 1 to LIMIT_ID_CHARACTERS characters, none of them a control
 * character. */
bool item_input_path_id(struct request *request) __attribute__((nonnull, warn_unused_result));

#endif
