/* `palate client rotate|revoke|revoke-tokens`: what makes secrets and tokens of a client count no more. */
#ifndef PALATE_CLI_ACCOUNTS_CLIENT_SECRETS_H
#define PALATE_CLI_ACCOUNTS_CLIENT_SECRETS_H

#include "cli/command.h"
#include "cli/options.h"

struct rotate_options {
    const char *overlap_text; /* NULL: none */
    int64_t overlap;          /* seconds, from it */
};

/* argv[0] is "rotate". */
enum options_outcome client_rotate_parse(int argc, char **argv, struct rotate_options *options,
                                         struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int client_rotate_run(const struct tool *tool, int argc, char **argv);
int client_revoke_run(const struct tool *tool, int argc, char **argv);
int client_revoke_tokens_run(const struct tool *tool, int argc, char **argv);

#endif
