/* Items and questions as the words that the search index holds (sql/002-items.sql): each behind the tenant's
 * number and an x, so that the index of all tenants is one of each of them alone. */
#ifndef PALATE_RECOMMENDER_ITEM_WORDS_H
#define PALATE_RECOMMENDER_ITEM_WORDS_H

#include "base/arena.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* The distinct words of name, description and of every text and number below the named metadata keys
 * (separated by commas), up to LIMIT_ITEM_WORDS_BYTES, in the arena; those of the name stand twice, because
 * they say more. metadata may be NULL. */
const char *item_words(struct arena *arena, uint32_t tenant_id, const char *search_metadata, const char *name,
                       const char *description, struct json_object *metadata)
    __attribute__((nonnull(1, 3, 4, 5), returns_nonnull, warn_unused_result));

/* A number of all that the words of an item depend on besides the item: kept beside them, it tells when they
 * are due anew. */
uint32_t item_words_recipe(const char *search_metadata) __attribute__((nonnull, warn_unused_result));

/* A question for MATCH ... AGAINST (... IN BOOLEAN MODE): items that have each word, or one that begins with
 * it; all false: at least one of them. At most LIMIT_SEARCH_WORDS count. *count is the number of words; 0:
 * there is nothing to look for. */
const char *item_words_question(struct arena *arena, uint32_t tenant_id, const char *text, bool all,
                                size_t *count) __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
