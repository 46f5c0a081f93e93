/* `palate doctor`: checks an installation, and says how to mend what is wrong. */
#ifndef PALATE_CLI_DOCTOR_H
#define PALATE_CLI_DOCTOR_H

#include "cli/command.h"
#include "cli/options.h"

struct doctor_options {
    const char *url; /* NULL: the running service is not asked */
    const char *sql_directory;
};

enum options_outcome doctor_options_parse(int argc, char **argv, struct doctor_options *options,
                                          struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int doctor_run(const struct tool *tool, int argc, char **argv);

#endif
