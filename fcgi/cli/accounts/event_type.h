/* `palate event-type list|set|delete`: the kinds of events that a tenant knows, and what each is worth. */
#ifndef PALATE_CLI_ACCOUNTS_EVENT_TYPE_H
#define PALATE_CLI_ACCOUNTS_EVENT_TYPE_H

#include "cli/command.h"
#include "cli/options.h"

struct event_type_options {
    const char *tenant;
    const char *name;
    const char *purchase; /* "yes", "no" or NULL: as it is, no for a new type */
    int64_t number;       /* 0: not given */
    int64_t weight;       /* EVENT_TYPE_NO_WEIGHT: not given */
    bool quiet;           /* list: names alone */
};

enum { EVENT_TYPE_NO_WEIGHT = -1000 };

/* argv[0] is "set". */
enum options_outcome event_type_set_parse(int argc, char **argv, struct event_type_options *options,
                                          struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

int event_type_run(const struct tool *tool, int argc, char **argv);

#endif
