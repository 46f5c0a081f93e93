/* How much an item sells now against what it sold over all time; see training/choose/holdout.h.
 *
 *     ratio_i = ((r_i + s r/p) / (p_i + s)) / (r/p)      trend_i = clamp(ratio_i, 1/16, 16)^exponent
 *
 * p_i is the item's sum of strengths, r_i the same with each event decayed by its age, p and r are the sums
 * over all items. The smoothing s = 2 gives every item two strengths at the catalogue's own ratio, so that
 * one event yesterday does not make a trend. The bound of 16 either way keeps a burst from ruling every list.
 *
 * Multiplying scores by it lifted EASE on the shop's data from an NDCG@20 of .1048 to .1477 (half-life 15
 * days); exponent and half-life are chosen on held-out events, and an exponent of 0 turns it off.
 *
 * Data whose events are all of one day have no trend: the ratio is 1 for every item. Linear in the events. */
#include "base/memory.h"
#include "training/choose/holdout.h"

#include <math.h>

static const double smoothing = 2; /* strengths at the catalogue's ratio that each item is given */
static const double limit = 16;

void trend_compute(const struct learning *learning, double exponent, double half_life, float *trend)
{
    double *recent = memory_alloc(learning->item_count, sizeof(*recent)), recent_sum = 0, sum = 0;
    double *popularity = memory_alloc(learning->item_count, sizeof(*popularity));
    bool ages = false;
    for (size_t i = 0; i < learning_size(learning); i++) {
        double age = learning_age(learning, i), strength = (double)learning->bases[i];
        double decayed = strength * exp2(-age / half_life);
        ages = ages || age > 1;
        popularity[learning->items[i]] += strength;
        recent[learning->items[i]] += decayed;
        sum += strength;
        recent_sum += decayed;
    }
    double base = sum > 0 ? recent_sum / sum : 0;
    for (uint32_t item = 0; item < learning->item_count; item++) {
        double ratio =
            base > 0 && ages ? (recent[item] + smoothing * base) / (popularity[item] + smoothing) / base : 1;
        trend[item] = (float)pow(fmin(fmax(ratio, 1 / limit), limit), exponent);
    }
    memory_free(recent);
    memory_free(popularity);
}
