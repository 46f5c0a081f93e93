/* What came out of `palate evaluate`: the figures, what they mean, and how they are shown.
 *
 * Owns nothing. Does not measure. */
#ifndef PALATE_CLI_EVALUATE_REPORT_H
#define PALATE_CLI_EVALUATE_REPORT_H

#include "cli/evaluate/metrics.h"
#include "cli/evaluate/split.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum method { METHOD_PALATE, METHOD_POPULAR, METHOD_RECENT, METHOD_KNN, METHOD__MAX };

struct method_figures {
    struct metrics mean;
    double coverage;        /* distinct items in all lists / items of the catalogue */
    struct interval recall; /* Palate's minus this method's; of Palate itself all zero */
    struct interval ndcg;
};

enum verdict { VERDICT_WORTH, VERDICT_UNDECIDED, VERDICT_NOT_WORTH };

struct evaluation {
    const char *events_path;
    struct split split;
    size_t k;
    uint64_t items; /* that can be recommended */
    uint64_t train_events, train_users, tested_users, wanted_items;
    double train_seconds;
    struct method_figures methods[METHOD__MAX];
};

/* By NDCG: the best list for everybody (popularity or recent popularity), and the best method besides Palate.
 */
enum method evaluation_best_plain(const struct evaluation *evaluation) __attribute__((nonnull, pure));
enum method evaluation_best_other(const struct evaluation *evaluation) __attribute__((nonnull, pure));

/* Whether Palate's NDCG is surely above that of the best list for everybody: the 95 % interval of the
 * difference lies above 0, holds 0, or lies below 0. */
enum verdict evaluation_verdict(const struct evaluation *evaluation) __attribute__((nonnull, pure));

/* The verdict as a sentence or two. */
void evaluation_sentence(const struct evaluation *evaluation, char *text, size_t size)
    __attribute__((nonnull));

/* The table and the sentence, on stdout. */
void evaluation_print(const struct evaluation *evaluation) __attribute__((nonnull));

/* All figures as JSON; a bar plot. False after saying why. */
bool evaluation_write_json(const struct evaluation *evaluation, const char *path)
    __attribute__((nonnull, warn_unused_result));
bool evaluation_write_plot(const struct evaluation *evaluation, const char *path)
    __attribute__((nonnull, warn_unused_result));

#endif
