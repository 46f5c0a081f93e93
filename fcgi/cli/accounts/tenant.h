/* `palate tenant create|list|enable|disable`. */
#ifndef PALATE_CLI_ACCOUNTS_TENANT_H
#define PALATE_CLI_ACCOUNTS_TENANT_H

#include "cli/import/key_text.h"
#include "cli/verb.h"

struct tenant_options {
    const char *name; /* create */
    const char *key;  /* "": made from the name; else the operand of enable and disable */
    char made_key[KEY_SIZE];
    bool if_missing; /* create: a tenant that is there will do */
};

/* Fills a struct tenant_options; argv[0] is "create". Checks name and key, and makes the key. */
enum options_outcome tenant_create_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command tenant_command;

#endif
