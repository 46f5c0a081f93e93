/* `palate inspect`: what a model file holds, and whether it is whole.
 *
 * Needs neither a configuration nor a database. */
#ifndef PALATE_CLI_INSPECT_H
#define PALATE_CLI_INSPECT_H

#include "cli/command.h"
#include "cli/options.h"

struct inspect_options {
    const char *model;
    bool verify;
    const char *near; /* an item's id; NULL: what the model holds */
    int64_t k;
};

enum options_outcome inspect_options_parse(int argc, char **argv, struct inspect_options *options,
                                           struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int inspect_run(const struct tool *tool, int argc, char **argv);

#endif
