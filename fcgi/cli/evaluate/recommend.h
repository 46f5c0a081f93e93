/* `palate recommend`: lists for many users at once, from a model file and a file of events.
 *
 * Needs neither a configuration nor a database. */
#ifndef PALATE_CLI_EVALUATE_RECOMMEND_H
#define PALATE_CLI_EVALUATE_RECOMMEND_H

#include "cli/verb.h"

struct recommend_options {
    const char *model, *events, *users, *output;
    int64_t k;
    bool include_seen;
};

/* Fills a struct recommend_options. */
enum options_outcome recommend_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command recommend_command;

#endif
