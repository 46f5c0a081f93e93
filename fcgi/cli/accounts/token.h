/* `palate token`: mints a token for a client. */
#ifndef PALATE_CLI_ACCOUNTS_TOKEN_H
#define PALATE_CLI_ACCOUNTS_TOKEN_H

#include "cli/verb.h"

struct token_options {
    const char *client;
    const char *subject; /* NULL: the client's id */
    const char *scope;   /* NULL: the client's scopes */
    int64_t ttl;         /* seconds */
};

/* Fills a struct token_options. */
enum options_outcome token_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command token_command;

#endif
