/* `palate compare`: the lists that were shown against those that the remote recommender would have shown. */
#ifndef PALATE_CLI_EVALUATE_COMPARE_H
#define PALATE_CLI_EVALUATE_COMPARE_H

#include "cli/verb.h"

struct compare_options {
    const char *tenant;
    const char *plot; /* NULL: none */
    int64_t days, hours, k;
};

/* Fills a struct compare_options. */
enum options_outcome compare_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command compare_command;

#endif
