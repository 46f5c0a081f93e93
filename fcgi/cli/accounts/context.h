/* `palate context set|list|show|delete`: stored rules of places where recommendations are shown. */
#ifndef PALATE_CLI_ACCOUNTS_CONTEXT_H
#define PALATE_CLI_ACCOUNTS_CONTEXT_H

#include "cli/command.h"
#include "cli/options.h"

struct context_options {
    const char *tenant; /* key */
    int64_t id;
    const char *key, *name, *description; /* NULL: as stored */
    const char *settings;                 /* JSON, or @FILE */
    bool quiet;                           /* list: numbers alone */
};

/* argv[0] is "set". */
enum options_outcome context_set_parse(int argc, char **argv, struct context_options *options,
                                       struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* argv[0] is "show" or "delete". */
enum options_outcome context_pick_parse(int argc, char **argv, struct context_options *options,
                                        struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int context_run(const struct tool *tool, int argc, char **argv);

#endif
