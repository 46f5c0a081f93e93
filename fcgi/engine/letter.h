/* Single letters by Unicode's own data: what a letter is, and what is left of it where case and spelling do
 * not count. Shared by words (search_words.h) and labels (label.h); owns nothing. */
#ifndef PALATE_ENGINE_LETTER_H
#define PALATE_ENGINE_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LETTER_FOLDED_MAX = 18 /* code points that one decomposes to at most: U+FDFA */, LETTER_BYTES = 4 };

enum letter_kind {
    LETTER_WORD,    /* letters, digits, vowel signs: what words are made of */
    LETTER_ACCENT,  /* a mark that may be left out: accents, Hebrew and Arabic points, voiced marks of kana */
    LETTER_NOTHING, /* of no width: joiners, soft hyphens, marks of direction, variation selectors */
    LETTER_BLANK,   /* blanks of every width, also the one that does not break; controls */
    LETTER_SIGN,    /* punctuation, symbols, emoji, what is not assigned */
};

/* The next code point of well-formed UTF-8; *text must not be at its end, and is moved behind it. */
uint32_t letter_read(const char **text) __attribute__((nonnull));

/* Writes the code point as UTF-8, without a zero, and returns how many bytes it has. */
size_t letter_write(uint32_t letter, char bytes[LETTER_BYTES]) __attribute__((nonnull));

/* Of any number up to U+10FFFF. */
enum letter_kind letter_kind(uint32_t letter) __attribute__((const));

/* Decomposed (NFKD) and in lower case: É is e and an accent, ß and ẞ are ss, ς is σ, İ, I and ı are i (and
 * an accent), wide letters are narrow, Ø is o. Returns how many code points that are; 0: too many. */
size_t letter_fold(uint32_t letter, uint32_t folded[LETTER_FOLDED_MAX]) __attribute__((nonnull));

/* In lower case, one code point for one: É is é, Ч is ч, Σ and ς are σ, İ is i. */
uint32_t letter_lower(uint32_t letter) __attribute__((const));

/* Is it one number of several characters: ½, ⑫? */
bool letter_is_fraction(uint32_t letter, size_t folded_count) __attribute__((const));

#endif
