/* How much a word says about an item: BM25F (Robertson, Zaragoza and Taylor, CIKM 2004) with fixed field
 * weights and lengths, so that an item weighs the same whether it comes from the model file or was changed a
 * moment ago. Owns nothing. Used by the trainer, which stores the weights, and by text_search.c. */
#ifndef PALATE_ENGINE_TEXT_WEIGHT_H
#define PALATE_ENGINE_TEXT_WEIGHT_H

#include "engine/item.h"

#include <stddef.h>

/* Called for each word of the item, as often as it occurs, with what this occurrence adds to the word's
 * frequency: more in a name than in a description, less in a long text than in a short one.
 * The word has no zero behind and lives until the call returns. */
typedef void text_weight_visit(void *context, const char *word, size_t length, float frequency);

/* Goes through name, values of fields that are not numeric, and description, in words of search_words.h. */
void text_weight_visit_item(const struct engine_item *item, text_weight_visit *each, void *context)
    __attribute__((nonnull(1, 2)));

/* The weight of a word by its frequency in the item: rises from 0 towards 1. */
float text_weight_of(float frequency) __attribute__((const));

#endif
