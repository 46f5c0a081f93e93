/* How much each event of a user's history says: its type's weight and how recent it is.
 *
 * The one place for it, whether the events come from the database (embedded.c) or from a file (the tool), so
 * that what is measured on files is what the service does. Owns nothing; does not read events. */
#ifndef PALATE_RECOMMENDER_HISTORY_WEIGHT_H
#define PALATE_RECOMMENDER_HISTORY_WEIGHT_H

#include "engine/recommend.h"

/* Where the reading of one user's events has come to. Begin with all zero. */
struct history_weight {
    size_t count;        /* events so far */
    size_t newer;        /* of them strictly newer than the last one */
    int64_t occurred_at; /* of the last one */
};

/* Weighs one event after the other, newest first: weight / 100 x 2^(-newer / 50), where newer is the number
 * of this user's events that are strictly newer. Events of one moment (a basket, or data without times) thus
 * count alike, whatever their order.
 * weight: of the event's type, -100 to 100. occurred_at: in any unit, the same for all. Call it also for
 * events of items that have no index any more: they are newer events, too. */
struct engine_history_entry history_weight_next(struct history_weight *state, uint32_t item, int weight,
                                                int64_t occurred_at) __attribute__((nonnull));

#endif
