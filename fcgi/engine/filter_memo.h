/* What a condition has said of the texts that it has met, so that each different one is compared once.
 *
 * For texts that the model has no dictionary of, and conditions that take longer than looking a text up: LIKE
 * and ILIKE. Lives in an arena, for as long as a filter. */
#ifndef PALATE_ENGINE_FILTER_MEMO_H
#define PALATE_ENGINE_FILTER_MEMO_H

#include "engine/filter_operator.h"

enum { FILTER_MEMO_PLACES_MAX = 1024 };

struct filter_memo;

/* For about so many different texts, at most FILTER_MEMO_PLACES_MAX / 2; of more some are compared again. */
struct filter_memo *filter_memo_create(struct arena *arena, size_t texts)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* As filter_relation_holds() for a text, always with the same relation. The text is not copied: it must
 * outlive the memo. */
bool filter_memo_holds(struct filter_memo *memo, const struct filter_relation *relation, const char *text)
    __attribute__((nonnull, warn_unused_result));

#endif
