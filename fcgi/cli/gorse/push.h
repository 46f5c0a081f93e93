/* `palate push`: sends a Gorse server what is new of a tenant's items, users and events. For cron. */
#ifndef PALATE_CLI_GORSE_PUSH_H
#define PALATE_CLI_GORSE_PUSH_H

#include "cli/verb.h"

#include <stdbool.h>

struct push_options {
    const char *tenant;
    const char *since_text; /* NULL: from where the last run ended */
    int64_t since;          /* Unix milliseconds, of since_text */
    int64_t batch;          /* rows of one request; 0: as many as is usual for their kind */
    int64_t timeout_s;      /* for one request */
    bool dry_run;
};

/* Fills a struct push_options. */
enum options_outcome push_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command push_command;

#endif
