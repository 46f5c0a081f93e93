/* Measures of lists and the certainty of their differences; see metrics.h.
 *
 * The problem: of one user's list of k items, how much of what the user turned out to want is in it, and
 * how far up? And when two methods differ in the mean of all users, is that more than chance?
 *
 * Recall is the share of the wanted items that the first k places hold. NDCG (Jarvelin and Kekalainen,
 * TOIS 2002) also rewards early places: with relevance 0 or 1,
 *
 *     DCG  = sum over hits of 1 / log2(place + 1), place from 1
 *     NDCG = DCG / (DCG of a list that begins with min(k, wanted) hits)
 *
 * The hit rate is the share of users with at least one hit. Means are over users, so that a user with a
 * thousand events counts no more than one with three.
 *
 * How sure a difference is, is estimated by the paired bootstrap (Efron, Annals of Statistics 1979): of
 * the n users n are drawn with replacement, 1,000 times; each time the mean of the differences ours -
 * theirs is taken. The 25th smallest and largest of these means bound the interval that covers 95 % of
 * them (the percentile method). It is paired because both methods are measured on the same users: users
 * differ much more from each other than methods do, and in the difference that cancels. No distribution is
 * assumed, which matters since most users have a recall of exactly 0.
 *
 * Cost: k comparisons by halves a list; 1,000 x n additions a comparison of methods. It does not correct
 * for comparing several methods at once, and does not ask whether the users of the file are like those of
 * tomorrow. */
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
    /* The best that any list could do: hits on the first places, as many as there are wanted items, but no
     * more than k. */
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
