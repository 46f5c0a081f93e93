/* Finds items by words, one wrong letter or an unfinished word allowed.
 *
 * Words of the model's items come from its index, those of items that changed since from the overlay's
 * (catalogue_words()): so what was committed before a search is found by it. Pure: same catalogue, same
 * query, same hits. Works in the arena; owns nothing.
 *
 * A word of the query means, with falling weight: the same word; the word with or without a plural s; words
 * that begin with it (from 3 letters on); and, where nothing in the catalogue is the same word, words one
 * edit away (from 4 letters on) or two (from 8). A query that is, as a whole, an item's id or article number
 * finds that item first. */
#ifndef PALATE_ENGINE_TEXT_SEARCH_H
#define PALATE_ENGINE_TEXT_SEARCH_H

#include "base/arena.h"
#include "engine/catalogue.h"
#include "engine/filter.h"
#include "engine/text_hits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_SEARCH_WORDS = 16 /* of a query that are looked at */ };

struct text_query {
    const struct catalogue *catalogue;
    const char *text;
    const struct filter *const *filters; /* all must match; hidden items never do */
    size_t filter_count;
    const char *const *fields; /* count only words of these columns (catalogue_column_kind()) */
    size_t field_count;        /* 0: of all */
    bool every_word;           /* leave out items that lack a word of the query */
    size_t limit;
};

/* Writes the best hits, best first, equal ones by id, and returns their number. hits has room for limit.
 * *total, unless NULL, becomes the number of hits without the limit. */
size_t text_search(const struct text_query *query, struct arena *arena, struct text_hit *hits, size_t *total)
    __attribute__((nonnull(1, 2, 3), warn_unused_result));

#endif
