/* Folds and compares labels; see label.h.
 *
 * The problem: one category is written "Küche", "KÜCHE ", "küche" with the dots as a character of its own, or
 * with a blank that does not break, by four people or four exports of one shop; a filter that takes these for
 * four categories shows empty pages. A word of a search may forget more than a label may: "home & garden" is
 * not "home garden", and か is not が.
 *
 * The idea: a reader gives the folded code points of a label one by one (letter.h): accents and what has no
 * width are left out, all blanks become one, and that only where a letter is before and behind it. Both sides
 * are decomposed as far as they go, Hangul to its letters and が to か with a mark, which alone of all accents is
 * kept; so it is the same whether a text came composed (NFC, as most programs write) or decomposed (NFD, as
 * macOS names files). Code points in UTF-8 sort by bytes as they do by number, so comparing code points orders
 * labels as strcmp() does.
 *
 * Cost: a comparison ends at the first letter that differs, which in a list of categories is mostly the first
 * one. Bytes that are equal as they stand are passed over; another ASCII letter costs a few nanoseconds, one
 * beyond ASCII two table look-ups. No memory.
 *
 * It does not: know languages (Küche is Kuche and not Kueche), plurals or synonyms, or decode HTML entities. */
#include "engine/label.h"

#include "engine/letter.h"

#include <string.h>
#include <strings.h>

enum { VOICED_MARK = 0x3099, HALF_VOICED_MARK = 0x309A };

struct label_reader {
    const char *at;
    uint32_t folded[LETTER_FOLDED_MAX]; /* of the letter before at */
    size_t count, next;
    bool has_begun; /* a letter was given */
    bool has_blank; /* one stands before the next letter */
};

/* The next code point, whatever it is; 0 at the end. */
static uint32_t read_folded(struct label_reader *reader)
{
    while (reader->next == reader->count) {
        unsigned char byte = (unsigned char)*reader->at;
        if (byte < 0x80) {
            reader->at += byte != '\0';
            return byte >= 'A' && byte <= 'Z' ? (uint32_t)(byte + ('a' - 'A')) : byte;
        }
        uint32_t letter = letter_read(&reader->at);
        reader->next = 0;
        reader->count = letter_fold(letter, reader->folded);
        if (!reader->count) { /* none that Unicode has: as it is */
            reader->folded[0] = letter;
            reader->count = 1;
        }
    }
    return reader->folded[reader->next++];
}

static enum letter_kind find_kind(uint32_t letter)
{
    if (letter < 0x80)
        return letter <= ' ' || letter == 0x7F ? LETTER_BLANK : LETTER_SIGN;
    return letter == VOICED_MARK || letter == HALF_VOICED_MARK ? LETTER_WORD : letter_kind(letter);
}

/* The next code point that counts. Blanks are given together with the letter behind them: *blank says that one
 * stands before it. */
static uint32_t read_letter(struct label_reader *reader, bool *blank)
{
    for (uint32_t letter; (letter = read_folded(reader));) {
        enum letter_kind kind = find_kind(letter);
        if (kind == LETTER_BLANK)
            reader->has_blank = reader->has_begun;
        if (kind != LETTER_WORD && kind != LETTER_SIGN)
            continue;
        *blank = reader->has_blank;
        reader->has_blank = false;
        reader->has_begun = true;
        return letter;
    }
    *blank = false;
    return 0;
}

/* Writes the folded label without a zero, where to is not NULL, and returns its bytes. */
static size_t write_label(const char *text, char *to)
{
    struct label_reader reader = {.at = text};
    size_t used = 0;
    bool blank;
    for (uint32_t letter; (letter = read_letter(&reader, &blank));) {
        char bytes[LETTER_BYTES];
        size_t length = letter_write(letter, bytes);
        if (to && blank)
            to[used] = ' ';
        if (to)
            memcpy(to + used + blank, bytes, length);
        used += blank + length;
    }
    return used;
}

const char *label_fold(struct arena *arena, const char *text)
{
    char *folded = arena_alloc(arena, write_label(text, NULL) + 1, 1);
    folded[write_label(text, folded)] = '\0';
    return folded;
}

/* Passes over what both begin with: a folded letter folds to itself. A blank is passed over only together with
 * the same letter behind it, since more that does not count may follow it in the text. */
static void skip_equal(struct label_reader *reader, const char **folded)
{
    const char *at = reader->at, *other = *folded;
    if (reader->next != reader->count || reader->has_blank)
        return;
    while (*at == *other && ((unsigned char)*at > ' ' || (*at == ' ' && reader->has_begun &&
                                                          at[1] == other[1] && (unsigned char)at[1] > ' '))) {
        at++;
        other++;
    }
    for (; at > reader->at && (*at & 0xC0) == 0x80; other--) /* back to where its letter begins */
        at--;
    reader->has_begun = reader->has_begun || at > reader->at;
    reader->at = at;
    *folded = other;
}

int label_compare(const char *text, const char *folded)
{
    struct label_reader reader = {.at = text};
    bool blank;
    for (;;) {
        skip_equal(&reader, &folded);
        uint32_t letter = read_letter(&reader, &blank);
        if (blank && *folded != ' ')
            return *folded ? -1 : 1; /* a blank sorts before all but the end */
        folded += blank;
        uint32_t other = *folded ? letter_read(&folded) : 0;
        if (letter != other || !letter)
            return (letter > other) - (letter < other);
    }
}

bool label_is_category(const char *path)
{
    static const char *const names[] = {"category", "categories"};
    const char *dot = strrchr(path, '.');
    const char *key = dot ? dot + 1 : path;
    size_t length = strlen(key);
    if (!strcasecmp(key, "product_type"))
        return true;
    while (length && key[length - 1] >= '0' && key[length - 1] <= '9')
        length--;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t end = strlen(names[i]);
        if (length >= end && !strncasecmp(key + length - end, names[i], end))
            return true;
    }
    return false;
}
