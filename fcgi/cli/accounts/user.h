/* `palate user export|erase|receipts`: what is stored about one end user. */
#ifndef PALATE_CLI_ACCOUNTS_USER_H
#define PALATE_CLI_ACCOUNTS_USER_H

#include "cli/accounts/erase.h"
#include "cli/verb.h"

/* Fills a struct user_options; argv[0] is the verb. */
enum options_outcome user_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command user_command;

#endif
