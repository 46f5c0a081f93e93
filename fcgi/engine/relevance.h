/* The relevance of each item to a history: behaviour, trend and content, as recommend.h defines them.
 *
 * Private to the engine. Memory comes from the arena and, for scores and contents, from the catalogue: one
 * relevance at a time for each. */
#ifndef PALATE_ENGINE_RELEVANCE_H
#define PALATE_ENGINE_RELEVANCE_H

#include "engine/query.h"

struct relevance {
    const struct catalogue *catalogue;
    bool any;             /* the history has an entry that counts; else all is 0 */
    bool similar;         /* strategy SIMILAR: no trend, content always counts */
    uint32_t model_count; /* length of the next three */
    float *behaviour;     /* by item of the model, before the trend; as the rows sum up, perhaps not finite */
    const float *trend;   /* factor on it; NULL: 1 */
    float *contents;      /* in the end 0 for items of the history; NULL: all 0 */
    struct past {
        uint32_t item;
        double weight;   /* of all its entries */
        double greatest; /* absolute weight of any entry */
        float factor;    /* on its row and contents */
        float order;     /* on its transitions; 0: left out */
    } * history;         /* each item once, in the order of the query */
    size_t history_count;
    double norm; /* of the history: L2, recency inside */
    double content_kappa;
    double content_weight;
    /* Small text vectors, where there are no rows: for items that were added or changed, and for the
     * history's such items. Weighted mean vectors, normalised. */
    struct profile {
        bool has_liked, has_disliked;
        float liked[ENGINE_VECTOR_SIZE], disliked[ENGINE_VECTOR_SIZE];
    } all, unknown;       /* of the whole history, and of its items without rows */
    uint64_t *in_history; /* bitmap over the catalogue */
};

void relevance_prepare(struct relevance *relevance, const struct engine_query *query, struct arena *arena)
    __attribute__((nonnull));

/* Is relevance_by_rows() the relevance of every item of the model? Otherwise text vectors count as well. */
bool relevance_is_plain(const struct relevance *relevance) __attribute__((nonnull));

/* Of an item of the model: behaviour x trend + content; finite, whatever a damaged file says. */
static inline float relevance_by_rows(const struct relevance *relevance, uint32_t index)
{
    static const float limit = 1e30F;
    float value = relevance->behaviour[index];
    if (relevance->trend)
        value *= relevance->trend[index];
    if (relevance->contents)
        value += relevance->contents[index];
    return value > -limit ? value < limit ? value : limit : value <= -limit ? -limit : 0; /* NAN is 0 */
}

/* The greatest relevance_by_rows() of each block of items: where it is above 0 it is either right or beyond
 * the limit, else at most 0. */
enum { RELEVANCE_BLOCK = 32 };
void relevance_find_peaks(const struct relevance *relevance, float *peaks) __attribute__((nonnull));

/* An item's relevance and what it is made of. */
struct relevance_parts {
    double behaviour; /* with the trend */
    double content;
    double sum; /* the relevance; finite */
};
struct relevance_parts relevance_of_item(const struct relevance *relevance, uint32_t index)
    __attribute__((nonnull));

/* The factor by which contents of an item are lifted for SIMILAR; 1 otherwise. */
float relevance_content_lift(const struct relevance *relevance, uint32_t index) __attribute__((nonnull));

/* Do the model's rows hold for the content of this item? */
bool relevance_has_rows(const struct relevance *relevance, uint32_t item) __attribute__((nonnull));

#endif
