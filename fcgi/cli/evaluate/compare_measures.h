/* How alike two ranked lists are, and which of them the clicks speak for.
 *
 * Pure arithmetic on lists of ids, each id once in a list; owns nothing. */
#ifndef PALATE_CLI_EVALUATE_COMPARE_MEASURES_H
#define PALATE_CLI_EVALUATE_COMPARE_MEASURES_H

#include <stddef.h>
#include <stdint.h>

struct ranked {
    const char *const *ids; /* best first */
    size_t count;
};

/* Ids that both have, divided by the length of the longer list; 0 when both are empty. */
double compare_overlap(const struct ranked *a, const struct ranked *b) __attribute__((nonnull));

/* Rank-biased overlap, extrapolated: RBO_EXT of Webber, Moffat and Zobel, "A similarity measure for
 * indefinite rankings", ACM TOIS 28(4), 2010, equation 32, for lists of any two lengths. 1: the same list;
 * 0: nothing in common, or a list is empty. p in (0, 1): with 0.9 the first ten places have 86 % of the
 * weight. */
double compare_rbo(const struct ranked *a, const struct ranked *b, double p) __attribute__((nonnull));

enum compare_team { TEAM_A, TEAM_B };

struct interleaved {
    const char *id;
    enum compare_team team;
};

/* Team-draft interleaving: Radlinski, Kurup and Joachims, "How does clickthrough data reflect retrieval
 * quality?", CIKM 2008, algorithm 2. The team with fewer picks, at a tie the one that the coin says, adds its
 * best id that is not in the list yet, until there are k. Where a list ends before: a round begins only when
 * both teams have an id left, and is brought to its end, so that neither gets more places by a longer list.
 * Coins come from the seed. list has room for k. Returns how many it has. */
size_t compare_interleave(const struct ranked *a, const struct ranked *b, size_t k, uint64_t seed,
                          struct interleaved *list) __attribute__((nonnull));

/* Two-sided sign test: the probability that fair coins fall at least as unequally as wins to losses. */
double compare_sign_test(uint64_t wins, uint64_t losses) __attribute__((const));

#endif
