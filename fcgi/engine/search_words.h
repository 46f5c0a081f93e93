/* Text as words that can be compared: in lower case, without accents and markup, in UTF-8.
 *
 * The one place that says what a word is: the model's index, the overlay's, queries and text vectors all go
 * by it. É is e, ß is ss, Σ at the end of a word is σ, wide forms are narrow; each Chinese or Japanese
 * character is a word of its own; what is no letter, digit or vowel sign ends a word, and so do HTML tags
 * (markup.h). Knows no language: no stems, no stop words. */
#ifndef PALATE_ENGINE_SEARCH_WORDS_H
#define PALATE_ENGINE_SEARCH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { SEARCH_WORD_BYTES = 60 /* longer words are cut; a word of 20 letters of any script is whole */ };

/* The word has no zero behind and lives until the call returns. False ends the splitting. */
typedef bool search_word_each(void *context, const char *word, size_t length);

/* Calls each(context, word, length) for each word of well-formed UTF-8 text, in order. */
void search_words_split(const char *text, search_word_each *each, void *context)
    __attribute__((nonnull(1, 2)));

/* All words of the text in one, as an article number is compared: "AB-12 / 3" and "ab123" are the same.
 * Writes it with a zero behind and returns its length; 0 for a text without a word or one with more than
 * SEARCH_WORD_BYTES - 1 bytes of them, which nothing is compared with. */
size_t search_words_join(const char *text, char bytes[SEARCH_WORD_BYTES]) __attribute__((nonnull));

#endif
