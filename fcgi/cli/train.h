/* `palate train`: learns a model file for each tenant. */
#ifndef PALATE_CLI_TRAIN_H
#define PALATE_CLI_TRAIN_H

#include "cli/command.h"
#include "cli/options.h"

struct train_options {
    const char *tenant; /* key; NULL: every active tenant */
};

enum options_outcome train_options_parse(int argc, char **argv, struct train_options *options,
                                         struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int train_run(const struct tool *tool, int argc, char **argv);

#endif
