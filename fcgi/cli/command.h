/* What every subcommand of `palate` shares: its entry in a table, exit codes, messages.
 *
 * Results go to stdout, everything else to stderr. Owns nothing. */
#ifndef PALATE_CLI_COMMAND_H
#define PALATE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum tool_exit {
    TOOL_DONE = 0,
    TOOL_FAILED = 1,
    TOOL_USAGE = 2,
    TOOL_REJECTED = 3, /* an import that went on over bad lines */
    TOOL_BUSY = 4,     /* another run of the same is at work: nothing was done */
};

/* What stands before the command. */
struct tool {
    const char *config_path; /* never NULL */
};

struct command {
    const char *name;
    const char *summary; /* one line for the list of commands */
    /* argv[0] is the command's name. Returns an enum tool_exit. */
    int (*run)(const struct tool *tool, int argc, char **argv);
};

/* Finds a command by its name; NULL when there is none. */
const struct command *command_find(const struct command *commands, size_t count, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* Runs the verb that argv[1] names (`tenant create`); `--help` prints help. An unknown or missing verb is
 * answered with the list of verbs and TOOL_USAGE. */
int command_run_verb(const struct command *verbs, size_t count, const char *help, const struct tool *tool,
                     int argc, char **argv) __attribute__((nonnull));

/* One sentence on stderr, with "palate: " before it. */
void command_say(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull));

/* For verbs that list: true when there is nothing, after one sentence about it, which quiet leaves out. So
 * that scripts meet lines of things only, and people never an empty table. */
bool command_lists_nothing(size_t count, bool quiet, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull, warn_unused_result));

/* The same as command_say(), and returns TOOL_FAILED. */
int command_failed(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull));

/* Says what is wrong with the command line and where help is; returns TOOL_USAGE. */
int command_misused(const char *command, const char *problem) __attribute__((nonnull));

/* Prints a help text to stdout; returns TOOL_DONE. */
int command_help(const char *help) __attribute__((nonnull));

#endif
