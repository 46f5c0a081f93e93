/* Single letters; see letter.h.
 *
 * The problem: who writes "strasse", "STRASSE" or "Straße" means the same, and so with "чайник" and "ЧАЙНИК",
 * "μέγας" and "ΜΕΓΑΣ". Lists of letters kept by hand cover the scripts that their author knew.
 *
 * The idea: let Unicode's own data decide (libutf8proc). Each code point is decomposed (NFKD) and case-folded,
 * and of what comes out an accent can be left out: a mark with a canonical combining class of 200 or more
 * (above, below and beside the letter: Latin, Greek, Cyrillic), of 1 (a stroke through it), or of 10 to 36
 * (Hebrew, Arabic and Syriac points, which are seldom written), and of 8 (voiced kana). All other marks belong
 * to their letter: vowel signs of India and Thailand have class 0 or a low one and tell words apart.
 *
 * A few letters with strokes have no decomposition in Unicode; they are in a table here. It also has the
 * Turkish ı: nothing says which language a text is in, so I must be both i and ı, and all four letters of
 * Turkish (İ, i, I, ı) are one. KIRTASİYE is thereby kırtasiye, and TITLE title.
 *
 * Sources: Unicode Standard Annex 15 (normalisation forms) and 44 (character database: general category,
 * canonical combining class); chapter 5.18 of the standard for case folding.
 *
 * Cost: two table look-ups a letter; no memory. The tables are those of the installed libutf8proc, so
 * programs that compare what they folded should run on the same release of the distribution.
 *
 * It does not: know languages (ä is a, not ae), fold digits of other scripts to 0-9, or put marks that stand
 * in an uncommon order into the order of the standard. */
#include "engine/letter.h"

#include <string.h>
#include <utf8proc.h>

enum { GRAPHEME_JOINER = 0x34F };

uint32_t letter_read(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    unsigned more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3, used = 1;
    uint32_t letter = more ? at[0] & (0x3Fu >> more) : at[0];
    for (; used <= more && at[used]; used++)
        letter = letter << 6 | (at[used] & 0x3F);
    *text += used;
    return letter;
}

size_t letter_write(uint32_t letter, char bytes[LETTER_BYTES])
{
    return (size_t)utf8proc_encode_char((utf8proc_int32_t)letter, (utf8proc_uint8_t *)bytes);
}

static bool is_within(uint32_t letter, uint32_t first, uint32_t last)
{
    return letter >= first && letter <= last;
}

static bool is_accent(uint32_t letter)
{
    utf8proc_propval_t class = utf8proc_get_property((utf8proc_int32_t)letter)->combining_class;
    return class >= 200 || class == 1 || class == 8 || is_within((uint32_t) class, 10, 36);
}

enum letter_kind letter_kind(uint32_t letter)
{
    switch (utf8proc_category((utf8proc_int32_t)letter)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return LETTER_WORD;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        if (is_within(letter, 0xFE00, 0xFE0F) || is_within(letter, 0xE0100, 0xE01EF) ||
            letter == GRAPHEME_JOINER)
            return LETTER_NOTHING;
        return is_accent(letter) ? LETTER_ACCENT : LETTER_WORD;
    case UTF8PROC_CATEGORY_ME:
        return LETTER_ACCENT;
    case UTF8PROC_CATEGORY_CF:
        return LETTER_NOTHING;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
        return LETTER_BLANK;
    default:
        return LETTER_SIGN;
    }
}

/* The spelling in ASCII of a letter that has no decomposition; NULL: it has one or needs none. */
static const char *find_spelling(uint32_t letter)
{
    static const struct {
        uint32_t letter;
        const char *spelling;
    } table[] = {{0xC6, "ae"},  {0xE6, "ae"},  {0xD0, "d"},   {0xF0, "d"},  {0xD8, "o"},
                 {0xF8, "o"},   {0xDE, "th"},  {0xFE, "th"},  {0x110, "d"}, {0x111, "d"},
                 {0x126, "h"},  {0x127, "h"},  {0x131, "i"},  {0x138, "k"}, {0x13F, "l"},
                 {0x140, "l"},  {0x141, "l"},  {0x142, "l"},  {0x149, "n"}, {0x14A, "ng"},
                 {0x14B, "ng"}, {0x152, "oe"}, {0x153, "oe"}, {0x166, "t"}, {0x167, "t"}};
    for (size_t i = 0; letter <= 0x167 && i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].letter == letter)
            return table[i].spelling;
    }
    return NULL;
}

/* Writes the letter, or its spelling, and returns how many code points that are; 0: there is no room. */
static size_t write_spelling(uint32_t letter, uint32_t *folded, size_t room)
{
    const char *spelling = find_spelling(letter);
    size_t length = spelling ? strlen(spelling) : 1;
    if (length > room)
        return 0;
    *folded = letter;
    for (size_t i = 0; spelling && i < length; i++)
        folded[i] = (unsigned char)spelling[i];
    return length;
}

size_t letter_fold(uint32_t letter, uint32_t folded[LETTER_FOLDED_MAX])
{
    utf8proc_int32_t points[LETTER_FOLDED_MAX];
    int boundary = 0;
    /* Before it is decomposed (ŉ is n, not an apostrophe and n), and what comes out (ǽ is æ and an accent). */
    size_t used = find_spelling(letter) ? write_spelling(letter, folded, LETTER_FOLDED_MAX) : 0;
    if (used)
        return used;
    utf8proc_ssize_t count =
        utf8proc_decompose_char((utf8proc_int32_t)letter, points, LETTER_FOLDED_MAX,
                                UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);
    if (count < 1 || count > LETTER_FOLDED_MAX)
        return 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        size_t length = write_spelling((uint32_t)points[i], folded + used, LETTER_FOLDED_MAX - used);
        if (!length)
            return 0;
        used += length;
    }
    return used;
}

uint32_t letter_lower(uint32_t letter)
{
    enum { FINAL_SIGMA = 0x3C2, SIGMA = 0x3C3, DOTTED_I = 0x130 };
    if (letter == DOTTED_I)
        return 'i';
    return letter == FINAL_SIGMA ? SIGMA : (uint32_t)utf8proc_tolower((utf8proc_int32_t)letter);
}

bool letter_is_fraction(uint32_t letter, size_t folded_count)
{
    return folded_count > 1 && utf8proc_category((utf8proc_int32_t)letter) == UTF8PROC_CATEGORY_NO;
}
