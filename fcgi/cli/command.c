/* What every command shares; see command.h.
 *
 * Messages are whole sentences that begin with the program's name, because cron mails them without more. */
#include "cli/command.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

static void say(const char *format, va_list arguments)
{
    fputs("palate: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void command_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

int command_failed(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    return TOOL_FAILED;
}

int command_misused(const char *command, const char *problem)
{
    fprintf(stderr, "palate %s: %s; see `palate %s --help`\n", command, problem, command);
    return TOOL_USAGE;
}

/* For the whole process: a signal handler is passed nothing that it could write to. */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void command_catch_interrupt(void)
{
    /* No SA_RESTART: a read from a pipe must end, too. SA_RESETHAND: a program that does not come to look at
     * the mark can still be ended by the second signal. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool command_is_interrupted(void)
{
    return interrupted;
}
