/* Folds text to words by Unicode's tables; see search_words.h.
 *
 * The problem: who looks for "strasse", "STRASSE" or "Straße" means the same word, and so with "чайник" and
 * "ЧАЙНИК", "μέγας" and "ΜΕΓΑΣ". Lists of letters kept by hand cover the scripts that their author knew.
 *
 * The idea: let Unicode's own data decide (libutf8proc). Each code point is decomposed (NFKD) and
 * case-folded, and of what comes out
 *   - an accent is dropped: a mark with a canonical combining class of 200 or more (above, below and beside
 *     the letter: Latin, Greek, Cyrillic), of 1 (a stroke through it), or of 10 to 36 (Hebrew, Arabic and Syriac
 *     points, which are seldom written);
 *   - letters, digits and all other marks belong to the word: vowel signs of India and Thailand have class 0
 *     or a low one and tell words apart;
 *   - what else there is ends the word. A symbol does so before it is decomposed, as ™ would become "tm", and
 *     so does a number of several characters, as 1½ would become 11 and 2.
 * Hangul and kana are not decomposed: syllables would fall into three letters each, and が would become か. A
 * few letters with strokes have no decomposition in Unicode; they are in a table here.
 *
 * Sources: Unicode Standard Annex 15 (normalisation forms) and 44 (character database: general category,
 * canonical combining class); chapter 5.18 of the standard for case folding.
 *
 * Cost: two table look-ups a character, none for ASCII; no memory. The tables are those of the installed
 * libutf8proc, so a model and the workers that read it should run on the same release of the distribution; a
 * word with a letter that only one of them knows is not found until the next training.
 *
 * It does not: find words in scripts without spaces (Thai text is one word up to a space; Chinese and
 * Japanese characters are words by themselves), fold digits of other scripts to 0-9, or compose what comes
 * decomposed (kana with a voiced mark of its own lose it). */
#include "engine/search_words.h"

#include "engine/markup.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

enum { FOLDED_MAX = 18 /* code points that one decomposes to at most: U+FDFA */ };

struct splitter {
    search_word_each *each;
    void *context;
    char word[SEARCH_WORD_BYTES];
    size_t length;
    bool full; /* what follows is cut, so that the beginning stays one */
    bool done; /* the caller wants no more */
};

static void end_word(struct splitter *splitter)
{
    if (splitter->length && !splitter->done)
        splitter->done = !splitter->each(splitter->context, splitter->word, splitter->length);
    splitter->length = 0;
    splitter->full = false;
}

static void add_bytes(struct splitter *splitter, const char *bytes, size_t length)
{
    splitter->full = splitter->full || splitter->length + length > SEARCH_WORD_BYTES;
    if (splitter->full)
        return;
    memcpy(splitter->word + splitter->length, bytes, length);
    splitter->length += length;
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
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].letter == letter)
            return table[i].spelling;
    }
    return NULL;
}

static bool is_within(uint32_t letter, uint32_t first, uint32_t last)
{
    return letter >= first && letter <= last;
}

static bool is_kana(uint32_t letter)
{
    return is_within(letter, 0x3041, 0x30FF);
}

/* Chinese characters, in their blocks of today and of planes 2 and 3, and kana. */
static bool is_word_of_its_own(uint32_t letter)
{
    return is_kana(letter) || is_within(letter, 0x3400, 0x9FFF) || is_within(letter, 0xF900, 0xFAFF) ||
           is_within(letter, 0x20000, 0x3FFFF);
}

static bool is_accent(int32_t letter)
{
    utf8proc_propval_t class = utf8proc_get_property(letter)->combining_class;
    return class >= 200 || class == 1 || class == 8 || is_within((uint32_t) class, 10, 36);
}

enum kind { KIND_WORD, KIND_BREAK, KIND_NOTHING };

static enum kind find_kind(int32_t letter)
{
    switch (utf8proc_category(letter)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return KIND_WORD;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return is_accent(letter) || is_within((uint32_t)letter, 0xFE00, 0xFE0F) ? KIND_NOTHING : KIND_WORD;
    case UTF8PROC_CATEGORY_ME:
        return KIND_NOTHING;
    case UTF8PROC_CATEGORY_CF: /* soft hyphens and joiners; but a space without width is a space */
        return letter == 0x200B ? KIND_BREAK : KIND_NOTHING;
    default:
        return KIND_BREAK;
    }
}

static void add_folded(struct splitter *splitter, int32_t letter)
{
    enum kind kind = find_kind(letter);
    utf8proc_uint8_t bytes[4];
    if (kind == KIND_NOTHING)
        return;
    bool alone = is_word_of_its_own((uint32_t)letter);
    if (kind == KIND_BREAK || alone)
        end_word(splitter);
    if (kind == KIND_BREAK)
        return;
    utf8proc_ssize_t length = utf8proc_encode_char(letter, bytes);
    add_bytes(splitter, (const char *)bytes, (size_t)length);
    if (alone)
        end_word(splitter);
}

static void add_letter(struct splitter *splitter, uint32_t letter)
{
    const char *spelling = letter >= 0x80 ? find_spelling(letter) : NULL;
    if (letter < 0x80) {
        char plain = (char)(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
        if ((plain >= 'a' && plain <= 'z') || (plain >= '0' && plain <= '9'))
            add_bytes(splitter, &plain, 1);
        else
            end_word(splitter);
        return;
    }
    if (spelling) {
        add_bytes(splitter, spelling, strlen(spelling));
        return;
    }
    utf8proc_int32_t folded[FOLDED_MAX] = {(utf8proc_int32_t)letter};
    utf8proc_ssize_t count = 1;
    int boundary = 0;
    if (find_kind(folded[0]) != KIND_WORD) {
        add_folded(splitter, folded[0]);
        return;
    }
    if (!is_kana(letter) && !is_within(letter, 0xAC00, 0xD7A3))
        count = utf8proc_decompose_char((utf8proc_int32_t)letter, folded, FOLDED_MAX,
                                        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);
    bool is_fraction = utf8proc_category((utf8proc_int32_t)letter) == UTF8PROC_CATEGORY_NO && count > 1;
    if (count < 1 || count > FOLDED_MAX || is_fraction)
        end_word(splitter);
    for (utf8proc_ssize_t i = 0; i < count && count <= FOLDED_MAX && !is_fraction; i++)
        add_folded(splitter, folded[i]);
}

void search_words_split(const char *text, search_word_each *each, void *context)
{
    struct splitter splitter = {.each = each, .context = context};
    struct markup_reader reader = {.at = text};
    for (uint32_t letter; !splitter.done && (letter = markup_next(&reader));)
        add_letter(&splitter, letter);
    end_word(&splitter);
}

struct code {
    char *bytes;
    size_t length;
};

static bool append_word(void *context, const char *word, size_t length)
{
    struct code *code = context;
    bool fits = length < SEARCH_WORD_BYTES - code->length;
    if (fits)
        memcpy(code->bytes + code->length, word, length);
    code->length = fits ? code->length + length : SEARCH_WORD_BYTES;
    return fits;
}

size_t search_words_join(const char *text, char bytes[SEARCH_WORD_BYTES])
{
    struct code code = {.bytes = bytes};
    search_words_split(text, append_word, &code);
    if (code.length == SEARCH_WORD_BYTES)
        code.length = 0;
    bytes[code.length] = '\0';
    return code.length;
}
