/* `palate client limit`: how often a client may ask. */
#ifndef PALATE_CLI_ACCOUNTS_CLIENT_LIMIT_H
#define PALATE_CLI_ACCOUNTS_CLIENT_LIMIT_H

#include "cli/command.h"
#include "cli/options.h"

struct limit_options {
    int64_t per_minute; /* 0: no limit */
    int64_t burst;      /* -1: as many as a minute allows */
};

/* argv[0] is "limit"; the operand is the client's id. */
enum options_outcome client_limit_parse(int argc, char **argv, struct limit_options *options,
                                        struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int client_limit_run(const struct tool *tool, int argc, char **argv);

#endif
