/* `palate context set|list|show|delete`: stored rules of places where recommendations are shown. */
#ifndef PALATE_CLI_ACCOUNTS_CONTEXT_H
#define PALATE_CLI_ACCOUNTS_CONTEXT_H

#include "cli/verb.h"

struct context_options {
    const char *tenant; /* key */
    int64_t id;
    const char *key, *name, *description; /* NULL: as stored */
    const char *settings;                 /* JSON, or @FILE */
};

/* Fills a struct context_options; argv[0] is "set". */
enum options_outcome context_set_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* Fills a struct context_options; argv[0] is "show" or "delete". */
enum options_outcome context_pick_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command context_command;

#endif
