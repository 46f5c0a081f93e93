/* How far two words of the search index are apart: a letter or two may be wrong. Owns nothing. */
#ifndef PALATE_ENGINE_WORD_DISTANCE_H
#define PALATE_ENGINE_WORD_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Are the words at most `limit` (0 to 2) edits apart? An edit inserts, deletes or replaces one byte or swaps
 * two neighbours (optimal string alignment; Boytsov, ACM JEA 2011). Longer ones than SEARCH_WORD_BYTES never
 * are. */
bool words_are_near(const char *left, size_t left_length, const char *right, size_t right_length, int limit)
    __attribute__((nonnull, pure));

/* A bit for each kind of byte in the word: words that are e edits apart differ in at most 2 e bits. */
uint32_t word_mask(const char *text) __attribute__((nonnull, pure));

#endif
