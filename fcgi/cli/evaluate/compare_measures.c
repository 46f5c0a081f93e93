/* Likeness of two lists, and which of them the clicks speak for; see compare_measures.h.
 *
 * The problem: users saw only one of two lists. How alike are the two, and what can be said about which is
 * better?
 *
 * Overlap counts the ids that both have. It does not see the order, and gives the tenth place as much
 * weight as the first. Rank-biased overlap (Webber, Moffat and Zobel, TOIS 2010) looks at the agreement at
 * every depth d, |A(1..d) and B(1..d)| / d, and weighs depth d with (1 - p) p^(d - 1): the mean agreement
 * for a reader who goes on to the next place with probability p. The lists end somewhere, so what is
 * behind their ends is extrapolated: the agreement at the end is taken to hold on (RBO_EXT, equation 32,
 * which also copes with lists of two lengths s <= l):
 *
 *     RBO = (1 - p) / p * (S1 + S2) + ((X_l - X_s) / l + X_s / s) * p^l
 *     S1  = sum over d = 1..l of X_d / d * p^d
 *     S2  = sum over d = s+1..l of X_s (d - s) / (s d) * p^d
 *
 * where X_d is the number of ids that both have in their first d places.
 *
 * Clicks are attributed by team-draft interleaving (Radlinski, Kurup and Joachims, CIKM 2008): the two
 * lists take turns to pick their best id that is not taken yet, a coin deciding who begins each round; a
 * click counts for the list that picked the item. Usually the interleaved list is what users see. Here it
 * is made afterwards, from the list that was shown and the one in the shadow, so clicks are biased towards
 * what was shown; `palate compare --help` says so, and a draw speaks for the other list.
 *
 * The sign test asks whether the users who prefer either list are divided as fair coins would be: with n
 * users who have a preference and w the smaller side, p = 2 * sum over i = 0..w of C(n, i) / 2^n.
 * Binomials are computed through lgamma(), since C(n, i) overflows from n = 1030 on. Users are the unit,
 * not clicks: ten clicks of one user are not ten independent votes.
 *
 * Cost: O(k^2) comparisons of texts a pair, at most 100 x 100; nothing is allocated. Randomness comes from
 * a seed alone (the decision's number), so a second run gives the same figures. */
#include "cli/evaluate/compare_measures.h"

#include "base/hash.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool list_holds(const struct ranked *list, size_t depth, const char *id)
{
    for (size_t i = 0; i < depth && i < list->count; i++) {
        if (!strcmp(list->ids[i], id))
            return true;
    }
    return false;
}

/* |A to depth a, B to depth b| */
static size_t count_common(const struct ranked *a, const struct ranked *b, size_t depth)
{
    size_t found = 0;
    for (size_t i = 0; i < depth && i < a->count; i++)
        found += list_holds(b, depth, a->ids[i]);
    return found;
}

double compare_overlap(const struct ranked *a, const struct ranked *b)
{
    size_t longer = a->count > b->count ? a->count : b->count;
    return longer ? (double)count_common(a, b, longer) / (double)longer : 0;
}

double compare_rbo(const struct ranked *a, const struct ranked *b, double p)
{
    size_t s = a->count < b->count ? a->count : b->count, l = a->count < b->count ? b->count : a->count;
    if (!s)
        return 0;
    double x_s = (double)count_common(a, b, s), x_l = (double)count_common(a, b, l), sum = 0, weight = 1;
    for (size_t d = 1; d <= l; d++) {
        weight *= p;
        sum += (double)count_common(a, b, d) / (double)d * weight;
        if (d > s)
            sum += x_s * (double)(d - s) / ((double)s * (double)d) * weight;
    }
    return (1 - p) / p * sum + ((x_l - x_s) / (double)l + x_s / (double)s) * weight;
}

/* Moves *at to the first id that is not in the list yet; false when there is none. */
static bool find_best(const struct ranked *team, size_t *at, const struct interleaved *list, size_t count)
{
    for (; *at < team->count; (*at)++) {
        bool taken = false;
        for (size_t i = 0; i < count && !taken; i++)
            taken = !strcmp(list[i].id, team->ids[*at]);
        if (!taken)
            return true;
    }
    return false;
}

size_t compare_interleave(const struct ranked *a, const struct ranked *b, size_t k, uint64_t seed,
                          struct interleaved *list)
{
    size_t at_a = 0, at_b = 0, picks_a = 0, count = 0;
    while (count < k) {
        size_t picks_b = count - picks_a;
        bool has_a = find_best(a, &at_a, list, count), has_b = find_best(b, &at_b, list, count);
        bool new_round = picks_a == picks_b, coin = hash_next(&seed) >> 63;
        bool turn_of_a = new_round ? coin : picks_a < picks_b;
        if (new_round ? !has_a || !has_b : turn_of_a ? !has_a : !has_b)
            break;
        list[count++] = turn_of_a ? (struct interleaved){a->ids[at_a], TEAM_A}
                                  : (struct interleaved){b->ids[at_b], TEAM_B};
        picks_a += turn_of_a;
    }
    return count;
}

double compare_sign_test(uint64_t wins, uint64_t losses)
{
    uint64_t fewer = wins < losses ? wins : losses;
    double n = (double)wins + (double)losses, sum = 0;
    for (uint64_t i = 0; i <= fewer; i++)
        sum += exp(lgamma(n + 1) - lgamma((double)i + 1) - lgamma(n - (double)i + 1) - n * M_LN2);
    return fmin(1, 2 * sum);
}
