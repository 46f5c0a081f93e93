/* Categories as one cell of a table has them: paths and lists. */
#ifndef PALATE_CLI_IMPORT_CATEGORY_TEXT_H
#define PALATE_CLI_IMPORT_CATEGORY_TEXT_H

#include "base/arena.h"

#include <stddef.h>

enum { CATEGORY_VALUES = 64 /* the most that one cell gives */ };

/* A cell as it is meant: &amp; &gt; &lt; and quotes as signs. In the arena. */
char *category_text_decode(struct arena *arena, const char *cell)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The categories of a decoded cell of well-formed UTF-8, each once: "|" stands between the entries of a list, ">"
 * between the steps of a path. Of a path come its steps from the top, and then the whole with " > "
 * between them. Returns how many; 0: the cell is one category as it is, or has too many. Texts live in the
 * arena. */
size_t category_text_split(struct arena *arena, const char *cell, const char *values[CATEGORY_VALUES])
    __attribute__((nonnull));

#endif
