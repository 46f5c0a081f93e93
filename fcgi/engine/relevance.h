/* What a history says about each item: behaviour, trend and content, as recommend.h defines them.
 *
 * Private to the engine. Memory comes from the arena and, for scores and contents, from the catalogue: one
 * relevance at a time for each. */
#ifndef PALATE_ENGINE_RELEVANCE_H
#define PALATE_ENGINE_RELEVANCE_H

#include "engine/recommend.h"

struct relevance {
    const struct catalogue *catalogue;
    bool any;             /* the history has an entry that counts; else all is 0 */
    bool similar;         /* strategy SIMILAR: no trend, content always counts */
    uint32_t model_count; /* length of the next two */
    float *scores;        /* by item of the model: behaviour x trend + content; finite */
    float *contents;      /* the content in it; 0 for items that changed */
    double content_kappa;
    double content_weight;
    /* Small text vectors, where rows cannot tell: for items that were added or changed, and for the history's
     * such items. Weighted mean vectors, normalised. */
    struct profile {
        bool has_liked, has_disliked;
        float liked[ENGINE_VECTOR_SIZE], disliked[ENGINE_VECTOR_SIZE];
    } all, unknown;       /* of the whole history, and of its items without rows */
    uint64_t *in_history; /* bitmap over the catalogue */
};

void relevance_prepare(struct relevance *relevance, const struct engine_query *query, struct arena *arena)
    __attribute__((nonnull));

/* Is scores[] the relevance of every item of the model? Else its vectors have to be asked, too. */
bool relevance_is_plain(const struct relevance *relevance) __attribute__((nonnull));

/* The relevance of an item, finite; *source tells whether behaviour or content has the greater part. */
double relevance_of_item(const struct relevance *relevance, uint32_t index, enum engine_source *source)
    __attribute__((nonnull));

#endif
