/* LIKE by going back to the last % only; see like.h.
 *
 * What stands between two % always takes the same number of characters, so the leftmost place where it
 * fits is as good as any later one: earlier % need not be tried again. */
#include "engine/like.h"

#include <stddef.h>

/* Bytes of the character at text: as many continuation bytes as the first byte announces, or 1. */
static size_t character_length(const char *text)
{
    unsigned char first = (unsigned char)*text;
    size_t length = first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
    if (first >= 0xf8)
        return 1;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
    return length;
}

/* Matches one place of the pattern with the start of text, which is not empty. Bytes of text taken, or 0. */
static size_t match_one(const char *text, const char *pattern, size_t *pattern_taken, bool fold)
{
    *pattern_taken = 1;
    if (*pattern == '_')
        return character_length(text);
    if (*pattern == '\\' && pattern[1]) {
        pattern++;
        *pattern_taken = 2;
    }
    unsigned char left = (unsigned char)*text, right = (unsigned char)*pattern;
    return left == right || (fold && like_fold(left) == like_fold(right));
}

bool like_matches(const char *text, const char *pattern, bool fold)
{
    const char *after_percent = NULL, *retry = NULL; /* pattern behind the last %, text where it was tried */
    for (;;) {
        size_t taken = 0, pattern_taken = 0;
        if (*pattern == '%') {
            after_percent = ++pattern;
            retry = text;
            continue;
        }
        if (!*text && !*pattern)
            return true;
        if (*text && *pattern)
            taken = match_one(text, pattern, &pattern_taken, fold);
        if (taken) {
            text += taken;
            pattern += pattern_taken;
            continue;
        }
        if (!after_percent || !*text)
            return false;
        retry += character_length(retry);
        text = retry;
        pattern = after_percent;
    }
}
