/* LIKE: does a whole text match a pattern of % (any text), _ (any character) and characters?
 *
 * Knows texts only. A compiled pattern belongs to the arena that it was compiled into. */
#ifndef PALATE_ENGINE_FILTER_LIKE_H
#define PALATE_ENGINE_FILTER_LIKE_H

#include "base/arena.h"

#include <stdbool.h>

struct filter_like;

/* % is any text, also none; _ is one character (UTF-8; a byte that is not valid UTF-8 is a character of its
 * own); backslash takes the next character literally, and itself at the end of the pattern. fold:
 * letters match in both cases, in every script; accents count. Copies what it keeps of the pattern. */
struct filter_like *filter_like_compile(struct arena *arena, const char *pattern, bool fold)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* One text at a time: the pattern holds the working memory. Takes (base/work_budget.h) a step for eight
 * characters of the text and, of a stretch of the pattern between two %, each 64 characters. */
bool filter_like_matches(const struct filter_like *like, const char *text)
    __attribute__((nonnull, warn_unused_result));

#endif
