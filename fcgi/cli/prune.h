/* `palate prune`: removes what has become old, in small transactions beside running workers. */
#ifndef PALATE_CLI_PRUNE_H
#define PALATE_CLI_PRUNE_H

#include "cli/verb.h"
#include "storage/retention.h"

struct prune_options {
    const char *tenant;                 /* key; NULL: every tenant, disabled ones too */
    const char *older_text, *what_text; /* as given, or NULL */
    int64_t older_s;                    /* of older_text; 0: not given, the settings of [retention] count */
    bool parts[RETENTION_PART__MAX];    /* of what_text; without it all but events */
    bool dry_run;
};

/* Fills a struct prune_options. */
enum options_outcome prune_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* Seconds of an age such as 90d, 12h or 8w; false unless it is from an hour to a hundred years. */
bool prune_age_parse(const char *text, int64_t *seconds) __attribute__((nonnull, warn_unused_result));

/* How many rows the next step should take, after so many rows have taken so long. */
unsigned prune_next_rows(unsigned rows, int64_t taken_us) __attribute__((const, warn_unused_result));

extern const struct command prune_command;

#endif
