/* Moves down what was shown but never clicked, so that a returning user sees something else.
 *
 * Scores are multiplied by (1 - strength) for each time that the item stood in the user's answers within the
 * window; items on which the user has events are left alone. Knows nothing of logs: the caller reads them. */
#ifndef PALATE_RECOMMENDER_SHAPING_ROTATION_H
#define PALATE_RECOMMENDER_SHAPING_ROTATION_H

#include "engine/query.h"
#include "storage/impressions.h"

struct rotation {
    int hours;       /* window; 0: off */
    double strength; /* 0..1: 0.5 halves the score with each impression */
};

/* Lowers scores and sorts again: preferred items stay in front, equal ones keep their order. history is what
 * the user has events on. */
void rotate(const struct catalogue *catalogue, const struct rotation *rotation, const struct shown_row *shown,
            size_t shown_count, const struct engine_history_entry *history, size_t history_count,
            struct engine_result *results, size_t count) __attribute__((nonnull(1, 2)));

#endif
