/* An id as answers print it: text, or, with [ids] json = integer, a number where it is one. */
#ifndef PALATE_API_ID_JSON_H
#define PALATE_API_ID_JSON_H

#include "base/config.h"

#include <json-c/json.h>

/* A number only for digits that mean exactly this number in JavaScript, too: no leading zero, at most 2^53
 * - 1. */
struct json_object *id_json(const struct config *config, const char *id)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
