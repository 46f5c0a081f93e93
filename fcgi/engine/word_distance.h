/* What a word of the search index is to a word of a query: the same, its plural, one that begins with it, or
 * one with a letter or two wrong. Owns nothing. */
#ifndef PALATE_ENGINE_WORD_DISTANCE_H
#define PALATE_ENGINE_WORD_DISTANCE_H

#include "engine/search_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Are the words at most `limit` (0 to 2) edits apart? An edit inserts, deletes or replaces one letter or
 * swaps two neighbours (optimal string alignment). Words are UTF-8; lengths are bytes. Longer ones than
 * SEARCH_WORD_BYTES never are. */
bool words_are_near(const char *left, size_t left_length, const char *right, size_t right_length, int limit)
    __attribute__((nonnull, pure));

/* A bit for the lower five bits of each letter in the word: words that are e edits apart differ in at most 2
 * e bits. */
uint32_t word_mask(const char *text) __attribute__((nonnull, pure));

enum {
    WORD_PREFIX_LETTERS_MIN = 3,     /* shorter beginnings are no beginnings */
    WORD_NEAR_LETTERS_MIN = 4,       /* one letter may be wrong from here on, */
    WORD_NEAR_TWICE_LETTERS_MIN = 8, /* two from here */
};

/* A word of a query. */
struct search_word {
    char text[SEARCH_WORD_BYTES + 2]; /* room for a plural s, and a zero behind */
    size_t length, letters;           /* in bytes, in letters of UTF-8 */
};

/* length: at most SEARCH_WORD_BYTES. */
struct search_word search_word_make(const char *text, size_t length) __attribute__((nonnull));
bool search_word_is(const struct search_word *word, const char *text, size_t length)
    __attribute__((nonnull, pure));

/* From 0, nothing, to 1, the same. Wrong letters are not forgiven in a word that is known. Article numbers
 * (TEXT_WEIGHT_CODE) are only like themselves. */
float word_likeness(const struct search_word *wanted, bool is_known, const char *text, size_t length)
    __attribute__((nonnull, pure));

#endif
