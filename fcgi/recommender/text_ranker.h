/* Ranks for a text that somebody typed: words and vectors fused, then a little by what the person likes.
 *
 * Words: engine/text_search.h. Vectors: the items nearest to the text's vector and to those of its best hits
 * (pseudo-relevance feedback; Rocchio 1971), so that what is described like the hits is found, too. These are
 * vectors of texts: the learned ones would bring what goes together, but a search is for what is alike.
 * Fused by reciprocal rank (Cormack et al., SIGIR 2009) or by weights. A known person's history then moves
 * the score by at most a tenth. Purchases are not left out: who searches for a thing shall find it. */
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
