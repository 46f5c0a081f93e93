/* Weights of a history; see history_weight.h. */
#include "recommender/history_weight.h"

struct engine_history_entry history_weight_entry(uint32_t item, double weight)
{
    return (struct engine_history_entry){.item = item, .weight = (float)(weight / 100)};
}
