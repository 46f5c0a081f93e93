/* `enable` and `disable`: the verbs that clients and tenants have alike.
 *
 * They take one operand and no options. What is switched is the command's own. */
#ifndef PALATE_CLI_ACCOUNTS_SWITCH_VERB_H
#define PALATE_CLI_ACCOUNTS_SWITCH_VERB_H

#include "cli/session.h"

struct switch_verb {
    const char *command; /* "client" */
    const char *operand; /* "ID" */
    const char *help;
    /* Returns an enum tool_exit. */
    int (*set_active)(struct session *session, const char *operand, bool active);
};

/* Reads the command line, opens a session and switches; returns an enum tool_exit. */
int switch_verb_run(const struct switch_verb *verb, bool active, const struct tool *tool, int argc,
                    char **argv) __attribute__((nonnull));

#endif
