/* `palate user export|erase`: what is stored about one end user. */
#ifndef PALATE_CLI_ACCOUNTS_USER_H
#define PALATE_CLI_ACCOUNTS_USER_H

#include "cli/command.h"
#include "cli/options.h"

struct user_options {
    const char *tenant;
    const char *user_id;
};

/* argv[0] is the verb. */
enum options_outcome user_options_parse(int argc, char **argv, struct user_options *options,
                                        struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int user_run(const struct tool *tool, int argc, char **argv);

#endif
