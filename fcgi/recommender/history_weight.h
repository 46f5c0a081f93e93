/* How much each event of a user's history says by its type.
 *
 * The one place for it, whether the events come from the database (embedded.c) or from a file (the tool), so
 * that what is measured on files is what the service does. How recent an event is, is weighed by the engine
 * as chosen in training: give it such histories newest first. Owns nothing; does not read events. */
#ifndef PALATE_RECOMMENDER_HISTORY_WEIGHT_H
#define PALATE_RECOMMENDER_HISTORY_WEIGHT_H

#include "engine/recommend.h"

/* weight: of the event's type, times its own factor, -100 to 100; the entry's is -1 to 1. */
struct engine_history_entry history_weight_entry(uint32_t item, double weight);

#endif
