/* Text as words of the search index; see search_words.h. */
#include "engine/search_words.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LATIN_FIRST = 0xC0, LATIN_LAST = 0x17F };

/* Unicode's decompositions without their marks; "" is no letter. */
static const char latin[LATIN_LAST - LATIN_FIRST + 1][3] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e",  "e", "e", "e", "i",  "i",  "i", "i", "d", "n",
    "o", "o", "o",  "o",  "o", "",  "o",  "u",  "u",  "u", "u", "y", "th", "ss", "a", "a", "a", "a",
    "a", "a", "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i", "d",  "n",  "o", "o", "o", "o",
    "o", "",  "o",  "u",  "u", "u", "u",  "y",  "th", "y", "a", "a", "a",  "a",  "a", "a", "c", "c",
    "c", "c", "c",  "c",  "c", "c", "d",  "d",  "d",  "d", "e", "e", "e",  "e",  "e", "e", "e", "e",
    "e", "e", "g",  "g",  "g", "g", "g",  "g",  "g",  "g", "h", "h", "h",  "h",  "i", "i", "i", "i",
    "i", "i", "i",  "i",  "i", "i", "ij", "ij", "j",  "j", "k", "k", "k",  "l",  "l", "l", "l", "l",
    "l", "l", "l",  "l",  "l", "n", "n",  "n",  "n",  "n", "n", "n", "ng", "ng", "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r",  "r",  "r", "s", "s", "s",  "s",  "s", "s", "s", "s",
    "t", "t", "t",  "t",  "t", "t", "u",  "u",  "u",  "u", "u", "u", "u",  "u",  "u", "u", "u", "u",
    "w", "w", "y",  "y",  "y", "z", "z",  "z",  "z",  "z", "z", "s",
};

struct range {
    uint32_t first, last;
};

static bool is_within(const struct range *ranges, size_t count, uint32_t letter)
{
    for (size_t i = 0; i < count; i++) {
        if (letter >= ranges[i].first && letter <= ranges[i].last)
            return true;
    }
    return false;
}

/* Marks that stand on the letter before them: é may come as e and U+0301. */
static bool is_mark(uint32_t letter)
{
    static const struct range marks[] = {{0x300, 0x36F}, {0x1AB0, 0x1AFF}, {0xFE00, 0xFE0F}, {0xAD, 0xAD}};
    return is_within(marks, sizeof(marks) / sizeof(marks[0]), letter);
}

/* Of what is not ASCII: spaces, punctuation, symbols, emoji, private use. */
static bool is_separator(uint32_t letter)
{
    static const struct range separators[] = {
        {0x80, 0xA9},     {0xAB, 0xB1},     {0xB4, 0xB4},     {0xB6, 0xB8},      {0xBB, 0xBF},
        {0xD7, 0xD7},     {0xF7, 0xF7},     {0x2B0, 0x2FF},   {0x37E, 0x37E},    {0x387, 0x387},
        {0x55A, 0x55F},   {0x589, 0x58A},   {0x5BE, 0x5F4},   {0x60C, 0x61F},    {0x66A, 0x66D},
        {0x964, 0x965},   {0xE3F, 0xE3F},   {0x1680, 0x1680}, {0x2000, 0x2BFF},  {0x2E00, 0x303F},
        {0x30FB, 0x30FB}, {0xE000, 0xF8FF}, {0xFE10, 0xFE6F}, {0xFEFF, 0xFF0F},  {0xFF1A, 0xFF20},
        {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF}};
    return is_within(separators, sizeof(separators) / sizeof(separators[0]), letter);
}

static bool is_word_of_its_own(uint32_t letter)
{
    static const struct range characters[] = {
        {0x3041, 0x30FF}, {0x3400, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};
    return is_within(characters, sizeof(characters) / sizeof(characters[0]), letter);
}

/* Greek, Cyrillic, Armenian and the pairs of the Latin supplement for Vietnamese. */
static uint32_t lower(uint32_t letter)
{
    if ((letter >= 0x391 && letter <= 0x3AB) || (letter >= 0x410 && letter <= 0x42F))
        return letter + 32;
    if (letter >= 0x400 && letter <= 0x40F)
        return letter + 80;
    if (letter >= 0x531 && letter <= 0x556)
        return letter + 48;
    if ((letter >= 0x460 && letter <= 0x481) || (letter >= 0x48A && letter <= 0x4BF) ||
        (letter >= 0x4D0 && letter <= 0x52F) || (letter >= 0x1E00 && letter <= 0x1EFF))
        return letter | 1;
    switch (letter) {
    case 0x386: /* Greek vowels lose their accent, the sigma its form at the end of a word */
    case 0x3AC:
        return 0x3B1;
    case 0x388:
    case 0x3AD:
        return 0x3B5;
    case 0x389:
    case 0x3AE:
        return 0x3B7;
    case 0x38A:
    case 0x3AF:
        return 0x3B9;
    case 0x38C:
    case 0x3CC:
        return 0x3BF;
    case 0x38E:
    case 0x3CD:
        return 0x3C5;
    case 0x38F:
    case 0x3CE:
        return 0x3C9;
    case 0x3C2:
        return 0x3C3;
    default:
        return letter;
    }
}

/* The next character of well-formed UTF-8; moves *text behind it. */
static uint32_t next_letter(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    unsigned more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;
    uint32_t letter = more ? at[0] & (0x3Fu >> more) : at[0];
    unsigned used = 1;
    for (; used <= more && at[used]; used++)
        letter = letter << 6 | (at[used] & 0x3F);
    *text += used;
    return letter;
}

/* How a letter or digit is spelt; "" for what ends a word. */
static const char *spell(uint32_t letter, char spelling[10])
{
    if (letter >= 0xFF10 && letter <= 0xFF5A) /* the wide forms of ASCII */
        letter = letter - 0xFF10 + '0';
    bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z');
    bool capital = letter >= 'A' && letter <= 'Z';
    if (letter < 0x80) {
        snprintf(spelling, 10, "%c", plain ? (int)letter : capital ? (int)letter + 32 : '\0');
        return spelling;
    }
    if (letter >= LATIN_FIRST && letter <= LATIN_LAST)
        return latin[letter - LATIN_FIRST];
    if (is_separator(letter))
        return "";
    snprintf(spelling, 10, "z%04x", (unsigned)lower(letter));
    return spelling;
}

struct splitter {
    search_word_each *each;
    void *context;
    char word[SEARCH_WORD_BYTES];
    size_t length;
    bool full; /* what follows is cut, so that the beginning stays one */
};

static void end_word(struct splitter *splitter)
{
    if (splitter->length)
        splitter->each(splitter->context, splitter->word, splitter->length);
    splitter->length = 0;
    splitter->full = false;
}

static void add(struct splitter *splitter, const char *spelling)
{
    size_t length = strlen(spelling);
    splitter->full = splitter->full || splitter->length + length > SEARCH_WORD_BYTES;
    if (splitter->full)
        return;
    memcpy(splitter->word + splitter->length, spelling, length);
    splitter->length += length;
}

void search_words_split(const char *text, search_word_each *each, void *context)
{
    struct splitter splitter = {.each = each, .context = context};
    char buffer[10];
    while (*text) {
        uint32_t letter = next_letter(&text);
        if (is_mark(letter))
            continue;
        const char *spelling = spell(letter, buffer);
        bool alone = is_word_of_its_own(letter);
        if (!*spelling || alone)
            end_word(&splitter);
        add(&splitter, spelling);
        if (alone)
            end_word(&splitter);
    }
    end_word(&splitter);
}
