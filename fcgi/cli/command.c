/* What every subcommand shares; see command.h. */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct command *command_find(const struct command *commands, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    }
    return NULL;
}

static void list_verbs(const struct command *verbs, size_t count, const char *group)
{
    fprintf(stderr, "palate: `palate %s` needs one of:", group);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "%s %s", i ? "," : "", verbs[i].name);
    fprintf(stderr, "; see `palate %s --help`\n", group);
}

int command_run_verb(const struct command *verbs, size_t count, const char *help, const struct tool *tool,
                     int argc, char **argv)
{
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")))
        return command_help(help);
    const struct command *verb = argc > 1 ? command_find(verbs, count, argv[1]) : NULL;
    if (verb)
        return verb->run(tool, argc - 1, argv + 1);
    if (argc > 1)
        fprintf(stderr, "palate: there is no `palate %s %s`\n", argv[0], argv[1]);
    list_verbs(verbs, count, argv[0]);
    return TOOL_USAGE;
}

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

bool command_lists_nothing(size_t count, bool quiet, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!count && !quiet)
        say(format, arguments);
    va_end(arguments);
    return !count;
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

int command_help(const char *help)
{
    fputs(help, stdout);
    return TOOL_DONE;
}
