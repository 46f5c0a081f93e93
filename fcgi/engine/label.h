/* Labels that people write, such as categories, compared as people read them.
 *
 * Case does not count in any script, nor do accents, composed or not, blanks around the label, and what has no
 * width; blanks within it (also those that do not break) are one blank. Punctuation counts: "home & garden" and
 * "home garden" are two labels. Letters are those of letter.h: "ΚΟΥΖΙΝΑ" is "Κουζίνα", "Straße" is "STRASSE",
 * and Turkish İ, i, I and ı are one letter. */
#ifndef PALATE_ENGINE_LABEL_H
#define PALATE_ENGINE_LABEL_H

#include "base/arena.h"

#include <stdbool.h>

/* The label as it is compared: equal bytes for equal labels. text is well-formed UTF-8. */
const char *label_fold(struct arena *arena, const char *text) __attribute__((nonnull, returns_nonnull));

/* The order of a text, folded on the way, and a label that was folded before: below, at or above 0. It is
 * strcmp()'s of the two folded labels. Stops at the first difference and allocates nothing. */
int label_compare(const char *text, const char *folded) __attribute__((nonnull, pure));

/* Does this metadata path hold categories? Its last key does: "category", "categories", one that ends so
 * ("product_category", "itemCategory2") or "product_type", in any case. */
bool label_is_category(const char *path) __attribute__((nonnull, pure));

#endif
