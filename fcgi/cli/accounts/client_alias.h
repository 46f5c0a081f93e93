/* `palate client alias`: clients as foreign identity providers name them in their tokens. */
#ifndef PALATE_CLI_ACCOUNTS_CLIENT_ALIAS_H
#define PALATE_CLI_ACCOUNTS_CLIENT_ALIAS_H

#include "cli/verb.h"

struct alias_options {
    const char *client; /* add: our client */
    const char *issuer; /* add, remove */
    const char *name;   /* add, remove: theirs */
    const char *tenant; /* list */
    bool quiet;         /* list: issuers and names alone */
};

/* Fills a struct alias_options; argv[0] is "add", "list" or "remove". */
enum options_outcome client_alias_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command client_alias_command;

#endif
