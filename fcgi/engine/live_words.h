/* The index of words of the items that changed since the model was built, in memory: postings per word, as
 * the model file has them. Each item is split once, when it becomes part of the overlay (catalogue.c).
 *
 * Owns its words and postings. Not thread safe. */
#ifndef PALATE_ENGINE_LIVE_WORDS_H
#define PALATE_ENGINE_LIVE_WORDS_H

#include "engine/item.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_words;

struct live_words *live_words_create(void) __attribute__((returns_nonnull, warn_unused_result));
void live_words_destroy(struct live_words *words); /* NULL is fine */

/* Adds the content of an item. *document becomes the handle of what was added; it may be written again by any
 * later call, until it is removed, and so must stay where it is. */
void live_words_add(struct live_words *words, uint32_t item, const struct engine_item *content,
                    uint32_t *document) __attribute__((nonnull));

/* Removes what was added under the handle, which becomes 0. 0 is fine. */
void live_words_remove(struct live_words *words, uint32_t *document) __attribute__((nonnull));

/* ---- Words have numbers from 0 to count - 1, in no order. Of some no item may be left. */
uint32_t live_words_count(const struct live_words *words) __attribute__((nonnull, pure));
bool live_words_find(const struct live_words *words, const char *text, size_t length, uint32_t *number)
    __attribute__((nonnull, warn_unused_result));
const char *live_words_text(const struct live_words *words, uint32_t number)
    __attribute__((nonnull, returns_nonnull));

/* By number, NULL when there are none: word_mask() of each word, and its first eight bytes as a number whose order is that of the
 * bytes. */
const uint32_t *live_words_masks(const struct live_words *words) __attribute__((nonnull));
const uint64_t *live_words_heads(const struct live_words *words) __attribute__((nonnull));
uint64_t live_words_head(const char *text) __attribute__((nonnull, pure));

/* ---- Items of a word, each once */
struct live_posting {
    uint32_t item;
    uint8_t weight; /* text_weight_in_byte() */
};

/* Goes through them: *cursor is 0 at first. False at the end. */
bool live_words_next(const struct live_words *words, uint32_t number, size_t *cursor,
                     struct live_posting *posting) __attribute__((nonnull, warn_unused_result));

/* Of all words, with those of items that were removed and not yet forgotten. */
size_t live_words_posting_count(const struct live_words *words) __attribute__((nonnull, pure));

size_t live_words_bytes(const struct live_words *words) __attribute__((nonnull)); /* of heap */

#endif
