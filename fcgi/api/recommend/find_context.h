/* The stored context that a request names. */
#ifndef PALATE_API_RECOMMEND_FIND_CONTEXT_H
#define PALATE_API_RECOMMEND_FIND_CONTEXT_H

#include "recommender/context_settings.h"
#include "request/request.h"
#include "storage/contexts.h"

struct found_context {
    uint32_t id;
    struct context_settings settings;
};

/* Reads `context_id`, else `context_key` (or their camel-case spellings): a number, or text. *name stays as
 * it is when there is none. */
bool find_context_read_name(struct request *request, const char **name)
    __attribute__((nonnull, warn_unused_result));

/* name is a number ("101", "ctx_101") or a key. NULL in *context when it is unknown, which the caller turns
 * into its own error; false when the database failed or the stored settings are wrong. */
bool find_context(struct worker *worker, struct request *request, const char *name,
                  struct found_context **context) __attribute__((nonnull));

#endif
