/* `palate inspect`: what a model file holds, and whether it is whole.
 *
 * Needs neither a configuration nor a database. */
#ifndef PALATE_CLI_INSPECT_H
#define PALATE_CLI_INSPECT_H

#include "cli/verb.h"

struct inspect_options {
    const char *model;
    bool verify;
    const char *near; /* an item's id; NULL: what the model holds */
    int64_t k;
};

/* Fills a struct inspect_options. */
enum options_outcome inspect_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command inspect_command;

#endif
