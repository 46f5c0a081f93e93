/* `palate evaluate`: on the user's own events, how good the lists would have been, against plain methods.
 *
 * Needs neither a configuration nor a database. evaluate_split.c divides the events, evaluate_baselines.c has
 * the plain methods, evaluate_metrics.c the measures, evaluate_report.c and evaluate_plot.c what is shown. */
#ifndef PALATE_CLI_EVALUATE_H
#define PALATE_CLI_EVALUATE_H

#include "cli/command.h"
#include "cli/evaluate_split.h"
#include "cli/train_build.h"

struct evaluate_options {
    const char *events, *items; /* items may be NULL */
    const char *split_text;     /* as given; NULL: chosen by the data */
    struct split split;
    const char *plot, *json; /* paths or NULL */
    int64_t k;
    struct train_resources resources;
};

enum options_outcome evaluate_options_parse(int argc, char **argv, struct evaluate_options *options,
                                            struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int evaluate_run(const struct tool *tool, int argc, char **argv);

#endif
