/* `palate event-type list|set|delete`: the kinds of events that a tenant knows, and what each is worth. */
#ifndef PALATE_CLI_ACCOUNTS_EVENT_TYPE_H
#define PALATE_CLI_ACCOUNTS_EVENT_TYPE_H

#include "cli/verb.h"

struct event_type_options {
    const char *tenant;
    const char *name;
    const char *purchase; /* "yes", "no" or NULL: as it is, no for a new type */
    int64_t number;       /* 0: not given */
    int64_t weight;       /* EVENT_TYPE_NO_WEIGHT: not given */
};

enum { EVENT_TYPE_NO_WEIGHT = -1000 };

/* Fills a struct event_type_options; argv[0] is "set". */
enum options_outcome event_type_set_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command event_type_command;

#endif
