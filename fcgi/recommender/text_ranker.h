/* Ranks for a text that somebody typed: words (engine/text_search.h) and vectors of texts fused, then a
 * little by what the person likes. An item whose id or article number was typed comes first; where no item
 * has a word like those of the text, the list is empty. Purchases are not left out. Owns nothing. */
#ifndef PALATE_RECOMMENDER_TEXT_RANKER_H
#define PALATE_RECOMMENDER_TEXT_RANKER_H

#include "recommender/search.h"

enum { TEXT_WISH_FIELDS = 16 };

/* What is searched for. */
struct text_wish {
    const char *text;
    bool words;    /* look for its words; false: only vectors */
    bool weighted; /* fuse scores by weight; false: reciprocal ranks */
    double word_weight, vector_weight;
    const char *fields[TEXT_WISH_FIELDS]; /* where words must be; names as filters have them */
    size_t field_count;                   /* 0: everywhere */
};

/* The list that answers search->query->wish: *results has room for limit; returns how many there are. Scores
 * are 0..1; sources "keyword", "semantic" or "hybrid". Filters and exclusions hold. */
size_t text_ranker_pool(struct search *search, size_t limit, struct engine_result **results)
    __attribute__((nonnull));

#endif
