/* What the sequence log keeps of a request's parameters: those that a recommending endpoint knows, at most
 * LIMIT_LOGGED_BYTES of them, and never the value of something that is named like a secret. */
#ifndef PALATE_API_RECOMMEND_LOGGED_INPUT_H
#define PALATE_API_RECOMMEND_LOGGED_INPUT_H

#include "base/json_write.h"

/* The merged parameters (an object, which stays as it is) as JSON text in the arena. Where not all of it fits,
 * lists have lost their oldest entries, which stand first, and texts their ends; `"truncated":true` then
 * stands behind the others. */
const char *logged_input_write(struct arena *arena, struct json_object *merged)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
