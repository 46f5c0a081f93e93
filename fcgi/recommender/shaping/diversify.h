/* Reorders a ranked list so that it is less of the same.
 *
 * Two means, alone or together: at most so many items of one value of a field (caps), and maximal marginal
 * relevance (Carbonell and Goldstein, SIGIR 1998), which weighs an item's score against its likeness to those
 * already chosen. Neither drops anything that the list needs: what a cap pushes back fills the end, and items
 * that match the preferences stay in front of the others. */
#ifndef PALATE_RECOMMENDER_SHAPING_DIVERSIFY_H
#define PALATE_RECOMMENDER_SHAPING_DIVERSIFY_H

#include "base/arena.h"
#include "engine/query.h"

struct diversity {
    const char *field; /* NULL: no caps; else a metadata key */
    int maximum;       /* items of one value of it */
    double relevance;  /* 0..1: weight of the score; 1: likeness does not count */
};

/* Whether it changes anything. */
bool diversity_is_on(const struct diversity *diversity) __attribute__((nonnull));

/* How many ranked items it wants to choose `quantity` from. */
size_t diversify_pool(size_t quantity);

/* Chooses and orders: results[count], best first, become the first `quantity` (or count) of the new order,
 * whose number is returned; the others follow. Scores of the chosen are lowered where needed so that they
 * still never rise. */
size_t diversify(struct arena *arena, const struct catalogue *catalogue, const struct diversity *diversity,
                 struct engine_result *results, size_t count, size_t quantity) __attribute__((nonnull));

#endif
