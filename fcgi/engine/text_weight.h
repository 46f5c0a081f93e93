/* How much a word says about an item: BM25F with fixed field weights and lengths, so that an item weighs the
 * same whether it comes from the model file or was changed a moment ago. Owns nothing. Used by the trainer,
 * which stores the weights, by the overlay's index (live_words.h) and by text_search.c. */
#ifndef PALATE_ENGINE_TEXT_WEIGHT_H
#define PALATE_ENGINE_TEXT_WEIGHT_H

#include "engine/item.h"
#include "engine/search_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_WEIGHT_CODE = '#' /* before a whole article number that is one word of the index */ };

/* Called for each word of the item, as often as it occurs, with what this occurrence adds to the word's
 * frequency: more in a name than in a description, less in a long text than in a short one.
 * The word has no zero behind and lives until the call returns. */
typedef void text_weight_visit(void *context, const char *word, size_t length, float frequency);

/* Goes through name, values of fields, and description, in words of search_words.h. Numbers are for filters
 * and are no words, but for those of fields that name a brand or an article number: "sku", "ean", "gtin",
 * "isbn", "mpn" and the like, at whatever depth. An article number comes once more as a whole:
 * TEXT_WEIGHT_CODE and what search_words_join() makes of it. */
void text_weight_visit_item(const struct engine_item *item, text_weight_visit *each, void *context)
    __attribute__((nonnull(1, 2)));

/* The weight of a word by its frequency in the item: rises from 0 towards 1. */
float text_weight_of(float frequency) __attribute__((const));

/* The same in the unit that indexes hold, 1 to 255. */
uint8_t text_weight_in_byte(float frequency) __attribute__((const));

#endif
