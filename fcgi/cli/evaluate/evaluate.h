/* `palate evaluate`: on the user's own events, how good the lists would have been, against plain methods.
 *
 * Needs neither a configuration nor a database. split.c divides the events, baselines.c has
 * the plain methods, metrics.c the measures, report.c and plot.c what is shown. */
#ifndef PALATE_CLI_EVALUATE_EVALUATE_H
#define PALATE_CLI_EVALUATE_EVALUATE_H

#include "cli/evaluate/split.h"
#include "cli/train/build.h"
#include "cli/verb.h"

struct evaluate_options {
    const char *events, *items; /* items may be NULL */
    const char *split_text;     /* as given; NULL: chosen by the data */
    struct split split;
    const char *plot, *json; /* paths or NULL */
    int64_t k;
    struct train_resources resources;
};

/* Fills a struct evaluate_options. */
enum options_outcome evaluate_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command evaluate_command;

#endif
