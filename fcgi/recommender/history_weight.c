/* Weights of a history; see history_weight.h. */
#include "recommender/history_weight.h"

#include <math.h>

/* An event counts half as much when this many newer ones precede it: about one basket of a shop. */
static const double HALF_LIFE_EVENTS = 50;

struct engine_history_entry history_weight_next(struct history_weight *state, uint32_t item, int weight,
                                                int64_t occurred_at)
{
    if (!state->count || occurred_at != state->occurred_at)
        state->newer = state->count;
    state->occurred_at = occurred_at;
    state->count++;
    double recency = exp2(-(double)state->newer / HALF_LIFE_EVENTS);
    return (struct engine_history_entry){.item = item, .weight = (float)(weight / 100.0 * recency)};
}
