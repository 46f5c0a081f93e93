/* What `palate compare` found: as a table, as sentences, as a plot.
 *
 * Knows no database. */
#ifndef PALATE_CLI_EVALUATE_COMPARE_REPORT_H
#define PALATE_CLI_EVALUATE_COMPARE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct comparison {
    const char *tenant;
    int64_t days, hours; /* how far back; how long after a decision a click counts */
    int64_t k;
    uint64_t decisions;  /* with both lists: all below is about them */
    uint64_t unanswered; /* the remote recommender had no list in time */
    uint64_t left_out;   /* in groups, or one list is empty or unreadable */
    double overlap, rbo; /* means over the decisions */
    uint64_t clicked;    /* decisions after which an item of either list was clicked */
    uint64_t clicks[2];  /* on picks of the embedded and of the remote recommender in the interleaved lists */
    uint64_t users[2];   /* who clicked more picks of the one, of the other */
    uint64_t tied_users; /* who clicked as many of both */
};

enum { COMPARE_RBO_PERCENT = 90, COMPARE_SIGNIFICANT_PERCENT = 5 };

enum compare_verdict { COMPARE_NO_CLICKS, COMPARE_UNDECIDED, COMPARE_EMBEDDED, COMPARE_REMOTE };

/* By the sign test over users: one user's decisions are not independent of each other. */
enum compare_verdict comparison_verdict(const struct comparison *comparison)
    __attribute__((nonnull, warn_unused_result));

/* One sentence on what it means. */
void comparison_sentence(const struct comparison *comparison, char *text, size_t size)
    __attribute__((nonnull));

/* To stdout. */
void comparison_print(const struct comparison *comparison) __attribute__((nonnull));

/* An SVG; false after saying why. */
bool comparison_plot(const struct comparison *comparison, const char *path)
    __attribute__((nonnull, warn_unused_result));

#endif
