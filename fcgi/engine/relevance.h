/* What a history says about each item: behaviour, trend and content, as recommend.h defines them.
 *
 * Private to the engine. Memory comes from the arena. */
#ifndef PALATE_ENGINE_RELEVANCE_H
#define PALATE_ENGINE_RELEVANCE_H

#include "engine/recommend.h"

struct relevance {
    const struct catalogue *catalogue;
    bool any;             /* the history has an entry that counts; else all is 0 */
    bool similar;         /* strategy SIMILAR: no trend, content always counts */
    double *behaviour;    /* by item of the model: weighted sum of similarities */
    uint32_t model_count; /* its length */
    double trend_base;    /* recent / all-time popularity of the whole catalogue; 0: no trend */
    bool has_liked;
    bool has_disliked;
    float liked[ENGINE_VECTOR_SIZE]; /* weighted mean vectors, normalised */
    float disliked[ENGINE_VECTOR_SIZE];
    uint64_t *in_history; /* bitmap over the catalogue */
};

void relevance_prepare(struct relevance *relevance, const struct engine_query *query, struct arena *arena)
    __attribute__((nonnull));

/* The relevance of an item, finite; *source tells whether behaviour or content has the greater part. */
double relevance_of_item(const struct relevance *relevance, uint32_t index, enum engine_source *source)
    __attribute__((nonnull));

#endif
