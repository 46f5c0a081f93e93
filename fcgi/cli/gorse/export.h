/* `palate export`: a tenant's items, users and events as files for another program. */
#ifndef PALATE_CLI_GORSE_EXPORT_H
#define PALATE_CLI_GORSE_EXPORT_H

#include "cli/command.h"
#include "cli/options.h"

struct export_options {
    const char *tenant;
    const char *directory;
};

enum options_outcome export_options_parse(int argc, char **argv, struct export_options *options,
                                          struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int export_run(const struct tool *tool, int argc, char **argv);

#endif
