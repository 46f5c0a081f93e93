/* SQL's LIKE on UTF-8 text. Owns nothing. */
#ifndef PALATE_ENGINE_LIKE_H
#define PALATE_ENGINE_LIKE_H

#include <stdbool.h>

/* Does the whole text match the pattern? % is any text, also none; _ is one character (a byte that is not
 * valid UTF-8 is a character of its own); backslash takes the next character literally, and itself at the
 * end of the pattern. fold: ASCII letters match in both cases. At most text length x pattern length steps. */
bool like_matches(const char *text, const char *pattern, bool fold) __attribute__((nonnull, pure));

/* One byte with ASCII upper case folded to lower case. */
static inline unsigned char like_fold(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

#endif
