/* `palate compare`: the lists that were shown against those that the remote recommender would have shown. */
#ifndef PALATE_CLI_EVALUATE_COMPARE_H
#define PALATE_CLI_EVALUATE_COMPARE_H

#include "cli/command.h"
#include "cli/options.h"

struct compare_options {
    const char *tenant;
    const char *plot; /* NULL: none */
    int64_t days, hours, k;
};

enum options_outcome compare_options_parse(int argc, char **argv, struct compare_options *options,
                                           struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int compare_run(const struct tool *tool, int argc, char **argv);

#endif
