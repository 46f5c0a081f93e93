/* How much an item sells now against what it sold over all time; see training/choose/holdout.h. */
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
