/* An index of words in a mapped file, the model's or a delta's: for each word the items that have it.
 *
 * Owns nothing; lives as long as the mapping. Sizes were proven when the file was opened, what is in it is
 * checked at each use: a bad offset gives "", bad starts give no postings, and an item of a posting may be
 * anything. */
#ifndef PALATE_ENGINE_WORD_INDEX_H
#define PALATE_ENGINE_WORD_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word_index {
    const char *strings; /* the last of string_bytes bytes is zero */
    uint64_t string_bytes;
    const uint64_t *texts; /* offsets, by number: in bytewise order of the words */
    const uint32_t *masks; /* word_mask() of each */
    uint32_t count;        /* of words */
    const uint64_t *starts;
    const uint32_t *items;
    const uint8_t *weights;
    uint64_t posting_count;
};

/* The items of one word, each once, as the file has them: check each. */
struct word_postings {
    const uint32_t *items;
    const uint8_t *weights; /* 255 x the word's weight in the item */
    size_t count;
};

/* Numbers must be below the count. */
const char *word_index_text(const struct word_index *index, uint32_t number)
    __attribute__((nonnull, returns_nonnull));
struct word_postings word_index_postings(const struct word_index *index, uint32_t number)
    __attribute__((nonnull));

/* The first word that is not before text; the count when all are. */
uint32_t word_index_seek(const struct word_index *index, const char *text) __attribute__((nonnull));

/* *number is set only when the word is found. */
bool word_index_find(const struct word_index *index, const char *text, uint32_t *number)
    __attribute__((nonnull, warn_unused_result));

#endif
