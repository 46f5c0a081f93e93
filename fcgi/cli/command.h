/* What every command of `palate` shares: exit codes, messages, and the end of a long command by a signal.
 *
 * Results go to stdout, everything else to stderr. How a command is run is in verb.h. */
#ifndef PALATE_CLI_COMMAND_H
#define PALATE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum tool_exit {
    TOOL_DONE = 0,
    TOOL_FAILED = 1,
    TOOL_USAGE = 2,
    TOOL_REJECTED =
        3,         /* done but for a part: an import with bad lines, an erasure that a remote was not told */
    TOOL_BUSY = 4, /* another run of the same is at work: nothing was done */
};

/* What stands before the command. */
struct tool {
    const char *config_path; /* never NULL */
};

/* One sentence on stderr, with "palate: " before it. */
void command_say(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull));

/* The same, and returns TOOL_FAILED. */
int command_failed(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull));

/* Says what is wrong with the command line and where help is; returns TOOL_USAGE. */
int command_misused(const char *command, const char *problem) __attribute__((nonnull));

/* SIGINT and SIGTERM only set a mark from now on, so that a command can end between two rows with its work
 * rolled back or its file removed. A second signal ends the program at once. */
void command_catch_interrupt(void);
bool command_is_interrupted(void) __attribute__((warn_unused_result));

#endif
