/* Measures of lists; see metrics.h. */
#include "cli/evaluate/metrics.h"

#include "base/hash.h"
#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { RESAMPLES = 1000, RESAMPLE_LOW = 25, RESAMPLE_HIGH = 974 }; /* 2.5 % of them lie outside at each end */

static int compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* rank from 0 */
static double gain(size_t rank)
{
    return 1 / log2((double)rank + 2);
}

struct metrics metrics_of_list(const uint32_t *list, size_t count, const uint32_t *wanted,
                               size_t wanted_count, size_t k)
{
    size_t hits = 0;
    double gained = 0, ideal = 0;
    for (size_t i = 0; i < count && i < k; i++) {
        if (!bsearch(&list[i], wanted, wanted_count, sizeof(*wanted), compare_numbers))
            continue;
        hits++;
        gained += gain(i);
    }
    for (size_t i = 0; i < wanted_count && i < k; i++)
        ideal += gain(i);
    return (struct metrics){.recall = (double)hits / (double)wanted_count,
                            .ndcg = ideal > 0 ? gained / ideal : 0,
                            .hit = hits > 0};
}

static int compare_means(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

struct interval metrics_compare(const double *ours, const double *theirs, size_t count, uint64_t seed)
{
    double *differences = memory_alloc(count, sizeof(*differences)), means[RESAMPLES], sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += differences[i] = ours[i] - theirs[i];
    for (int resample = 0; resample < RESAMPLES; resample++) {
        double drawn = 0;
        /* The high half of the product: a number below count, even enough for any count here. */
        for (size_t i = 0; i < count; i++)
            drawn += differences[(size_t)((unsigned __int128)hash_next(&seed) * count >> 64)];
        means[resample] = drawn / (double)count;
    }
    memory_free(differences);
    qsort(means, RESAMPLES, sizeof(*means), compare_means);
    return (struct interval){
        .mean = sum / (double)count, .low = means[RESAMPLE_LOW], .high = means[RESAMPLE_HIGH]};
}
