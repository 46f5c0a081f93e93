/* `palate export`: a tenant's items, users and events as files for another program. */
#ifndef PALATE_CLI_GORSE_EXPORT_H
#define PALATE_CLI_GORSE_EXPORT_H

#include "cli/verb.h"

struct export_options {
    const char *tenant;
    const char *directory;
};

/* Fills a struct export_options. */
enum options_outcome export_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command export_command;

#endif
