/* Splits text into words; see search_words.h.
 *
 * The problem: a search must find "strasse" where "Straße" stands, and the other way round, in any script; and
 * nothing of what makes a text look nice (tags, accents, punctuation) may keep two words apart.
 *
 * The idea: markup.h gives the letters without the tags, letter.h what is left of a letter without case and
 * accents. Of that
 *   - accents and what has no width are dropped, letters, digits and vowel signs belong to the word;
 *   - what else there is ends the word. A symbol does so before it is decomposed, as ™ would become "tm", and
 *     so does a number of several characters, as 1½ would become 11 and 2.
 * Hangul and kana are not decomposed: syllables would fall into three letters each, and が would become か.
 *
 * Cost: two table look-ups a character, none for ASCII; no memory. The tables are those of the installed
 * libutf8proc, so a model and the workers that read it should run on the same release of the distribution; a
 * word with a letter that only one of them knows is not found until the next training.
 *
 * It does not: find words in scripts without spaces (Thai text is one word up to a space; Chinese and
 * Japanese characters are words by themselves), or compose what comes decomposed (kana with a voiced mark of
 * its own lose it). */
#include "engine/search_words.h"

#include "engine/letter.h"
#include "engine/markup.h"

#include <stdint.h>
#include <string.h>

enum { ZERO_WIDTH_SPACE = 0x200B /* has no width, but ends a word */ };

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

static void add_folded(struct splitter *splitter, uint32_t letter)
{
    enum letter_kind kind = letter_kind(letter);
    char bytes[LETTER_BYTES];
    if (kind == LETTER_ACCENT || (kind == LETTER_NOTHING && letter != ZERO_WIDTH_SPACE))
        return;
    bool alone = is_word_of_its_own(letter);
    if (kind != LETTER_WORD || alone)
        end_word(splitter);
    if (kind != LETTER_WORD)
        return;
    add_bytes(splitter, bytes, letter_write(letter, bytes));
    if (alone)
        end_word(splitter);
}

static void add_letter(struct splitter *splitter, uint32_t letter)
{
    if (letter < 0x80) {
        char plain = (char)(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
        if ((plain >= 'a' && plain <= 'z') || (plain >= '0' && plain <= '9'))
            add_bytes(splitter, &plain, 1);
        else
            end_word(splitter);
        return;
    }
    uint32_t folded[LETTER_FOLDED_MAX];
    if (letter_kind(letter) != LETTER_WORD || is_kana(letter) || is_within(letter, 0xAC00, 0xD7A3)) {
        add_folded(splitter, letter);
        return;
    }
    size_t count = letter_fold(letter, folded);
    if (!count || letter_is_fraction(letter, count)) {
        end_word(splitter);
        return;
    }
    for (size_t i = 0; i < count; i++)
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
