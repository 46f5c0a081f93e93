/* Text as the words of the search index: in lower case, without accents, of a-z and 0-9 only.
 *
 * Letters of Latin scripts lose their accents (é is e, ß is ss). Every other letter is in lower case, where
 * it has one, and spelt z and its code point in hexadecimal, so that the database need know nothing about it
 * and the beginning of a word is still the beginning of its spelling. Each Chinese or Japanese character is a
 * word of its own. What is no letter or digit ends a word. Knows no language: no stems, no stop words. */
#ifndef PALATE_ENGINE_SEARCH_WORDS_H
#define PALATE_ENGINE_SEARCH_WORDS_H

#include <stddef.h>

/* Longer spellings are cut. MariaDB takes up to 84 characters, and the tenant's number stands before it. */
enum { SEARCH_WORD_BYTES = 60 };

typedef void search_word_each(void *context, const char *word, size_t length);

/* Calls each(context, word, length) for each word of well-formed UTF-8 text, in order. The word has no zero
 * behind and lives until the call returns. */
void search_words_split(const char *text, search_word_each *each, void *context)
    __attribute__((nonnull(1, 2)));

#endif
