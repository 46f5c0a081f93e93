/* Optimal string alignment with a cut-off; see word_distance.h.
 *
 * The problem: a word that nothing in the catalogue has is probably a slip of the fingers, and what was meant
 * is one edit away: a letter too many, too few, wrong, or two swapped (80 % of errors: Damerau, CACM 1964).
 *
 * The idea: the table d(i, j) of the cheapest way from the first i letters of one word to the first j of the
 * other,
 *
 *   d(i, j) = min(d(i-1, j) + 1, d(i, j-1) + 1, d(i-1, j-1) + [letters differ],
 *                 d(i-2, j-2) + 1 where the last two letters are swapped)
 *
 * (Wagner and Fischer, JACM 1974, with the swap; Boytsov, ACM JEA 2011, surveys it). Three rows are enough.
 * Since d never falls from one row to the next, a row with nothing at or below the limit ends the comparison.
 *
 * Cost: letters x letters, but most pairs never come here: text_search.c first compares masks. An edit
 * changes at most two of a mask's 32 bits (one letter goes, one comes), so words whose masks differ in more
 * than twice the limit are further apart. Letters that share a bit only make a pair look nearer than it is.
 *
 * It does not: weigh letters that lie side by side on a keyboard, or allow more than one edit of the same
 * pair ("ca" to "abc" costs 3 here, 2 with unrestricted swaps). */
#include "engine/word_distance.h"

#include "engine/text_weight.h"

#include <stdlib.h>
#include <string.h>

/* Reads UTF-8 as letters, at most SEARCH_WORD_BYTES of them; returns how many. Bytes of a damaged model file
 * are letters, too. */
static size_t read_letters(const char *text, size_t length, uint32_t letters[SEARCH_WORD_BYTES])
{
    size_t count = 0;
    for (size_t i = 0; i < length && count < SEARCH_WORD_BYTES; count++) {
        unsigned char byte = (unsigned char)text[i++];
        uint32_t letter = byte < 0x80 ? byte : byte & 0x1F;
        while (byte >= 0xC0 && i < length && ((unsigned char)text[i] & 0xC0) == 0x80)
            letter = letter << 6 | ((unsigned char)text[i++] & 0x3F);
        letters[count] = letter;
    }
    return count;
}

uint32_t word_mask(const char *text)
{
    uint32_t letters[SEARCH_WORD_BYTES], mask = 0;
    size_t count = read_letters(text, strlen(text), letters);
    for (size_t i = 0; i < count; i++)
        mask |= UINT32_C(1) << (letters[i] & 31);
    return mask;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

bool words_are_near(const char *left_text, size_t left_bytes, const char *right_text, size_t right_bytes,
                    int limit)
{
    uint32_t left[SEARCH_WORD_BYTES] = {0}, right[SEARCH_WORD_BYTES] = {0};
    int rows[3][SEARCH_WORD_BYTES + 1] = {{0}}, *before = rows[0], *above = rows[1], *row = rows[2];
    if (left_bytes > SEARCH_WORD_BYTES || right_bytes > SEARCH_WORD_BYTES)
        return false;
    size_t left_length = read_letters(left_text, left_bytes, left);
    size_t right_length = read_letters(right_text, right_bytes, right);
    if (labs((long)left_length - (long)right_length) > limit)
        return false;
    for (size_t j = 0; j <= right_length; j++)
        above[j] = (int)j;
    for (size_t i = 1; i <= left_length; i++) {
        int best = row[0] = (int)i;
        for (size_t j = 1; j <= right_length; j++) {
            bool same = left[i - 1] == right[j - 1];
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + !same);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
            best = least(best, row[j]);
        }
        if (best > limit)
            return false;
        int *next = before;
        before = above;
        above = row;
        row = next;
    }
    return above[right_length] <= limit;
}

struct search_word search_word_make(const char *text, size_t length)
{
    struct search_word word = {.length = length};
    for (size_t i = 0; i < length; i++)
        word.letters += ((unsigned char)text[i] & 0xC0) != 0x80;
    memcpy(word.text, text, length);
    return word;
}

bool search_word_is(const struct search_word *word, const char *text, size_t length)
{
    return word->length == length && !memcmp(word->text, text, length);
}

static bool is_plural(const char *longer, size_t longer_length, const char *text, size_t length)
{
    return length >= 2 && longer_length == length + 1 && longer[length] == 's' &&
           !memcmp(longer, text, length);
}

float word_likeness(const struct search_word *wanted, bool is_known, const char *text, size_t length)
{
    const float plural = 0.9F, beginning = 0.7F, near = 0.6F, near_twice = 0.4F;
    if (search_word_is(wanted, text, length))
        return 1;
    if (*text == TEXT_WEIGHT_CODE)
        return 0;
    if (is_plural(wanted->text, wanted->length, text, length) ||
        is_plural(text, length, wanted->text, wanted->length))
        return plural;
    if (wanted->letters >= WORD_PREFIX_LETTERS_MIN && length > wanted->length &&
        !memcmp(wanted->text, text, wanted->length))
        return beginning * (float)wanted->length / (float)length;
    if (is_known || wanted->letters < WORD_NEAR_LETTERS_MIN)
        return 0;
    if (words_are_near(wanted->text, wanted->length, text, length, 1))
        return near;
    if (wanted->letters >= WORD_NEAR_TWICE_LETTERS_MIN &&
        words_are_near(wanted->text, wanted->length, text, length, 2))
        return near_twice;
    return 0;
}
