/* `palate token`: mints a token for a client. */
#ifndef PALATE_CLI_ACCOUNTS_TOKEN_H
#define PALATE_CLI_ACCOUNTS_TOKEN_H

#include "cli/command.h"
#include "cli/options.h"

struct token_options {
    const char *client;
    const char *subject; /* NULL: the client's id */
    const char *scope;   /* NULL: the client's scopes */
    int64_t ttl;         /* seconds */
};

enum options_outcome token_options_parse(int argc, char **argv, struct token_options *options,
                                         struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int token_run(const struct tool *tool, int argc, char **argv);

#endif
