/* One way to run a command: its options are read, `--help` and mistakes answered, the session opened, the
 * work done, the session closed.
 *
 * A command, or a verb of one (`tenant create`), is a row that says how its options are read and what it does
 * with them. Options are read before anything else, so that a misused command touches nothing. */
#ifndef PALATE_CLI_VERB_H
#define PALATE_CLI_VERB_H

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"

struct verb {
    const char *name; /* NULL: of a command that has no verbs */

    /* Fills the verb's own struct of options, of options_size bytes that are zeros before. argv[0] is the
     * verb's name. */
    enum options_outcome (*parse)(int argc, char **argv, void *options, struct operands *operands);
    size_t options_size;
    /* In place of the two: what the one operand is, for messages ("ID"). There are no options then, and work
     * is called with the operand's text, a const char *. */
    const char *operand;

    /* Does the work; returns an enum tool_exit after saying what went wrong. */
    int (*work)(struct session *session, const void *options);
    /* Needs no configuration, or opens the session itself when it turns out to need one: work is called with
     * a session of which only `tool` is set. It is closed in any case. */
    bool without_session;

    const struct command *group; /* in place of all this: verbs below this one */
};

struct command {
    const char *name; /* as typed behind `palate`, for messages: "client", "client alias" */
    const char *help; /* printed by --help, of the command and of each of its verbs */
    const struct verb *verbs;
    size_t count;
    void (*explain)(void); /* NULL, or prints what is made from a table, behind help */
};

/* For the two members of struct command. */
#define VERBS(rows) .verbs = (rows), .count = sizeof(rows) / sizeof((rows)[0])

/* Runs the command, or the verb of it that argv[1] names; argv[0] is the command's name. An unknown or
 * missing verb is answered with the list of verbs and TOOL_USAGE. Returns an enum tool_exit. */
int verb_run(const struct command *command, const struct tool *tool, int argc, char **argv)
    __attribute__((nonnull));

/* Options of each verb that lists what a tenant has: --tenant KEY (needed) and --quiet. */
struct list_options {
    const char *tenant; /* key */
    bool quiet;         /* names alone, one a line, and no sentence about an empty list: for scripts */
};
enum options_outcome verb_parse_list(int argc, char **argv, void *options, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* For verbs that list: true when there is nothing, after one sentence about it, which quiet leaves out. So
 * that scripts meet lines of things only, and people never an empty table. */
bool verb_lists_nothing(size_t count, bool quiet, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull, warn_unused_result));

#endif
