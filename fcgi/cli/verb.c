/* Running a command; see verb.h.
 *
 * Options live in memory of the runner's, which knows only their size: each verb has a struct of its own,
 * and takes it as void * at two places, where it is filled and where it is used. Nothing here knows a
 * command.
 *
 * A call such as `palate client limit web --per-minute 60` goes through palate.c, which finds the command
 * "client" and calls verb_run(); the verb "limit" is found in its table, client_limit_parse() fills a
 * struct limit_options, the configuration is loaded, and set_limit() does the work with an open session.
 * What was wrong with the command line is said before anything is opened, so that a mistyped option of a
 * command that would write never meets the database. The session is closed in each case, which rolls an
 * open transaction back.
 *
 * The connection itself is made at the first statement: a command that finds a mistake before needs no
 * database. */
#include "cli/verb.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int print_help(const struct command *command)
{
    fputs(command->help, stdout);
    if (command->explain)
        command->explain();
    return TOOL_DONE;
}

static int run_one(const struct command *command, const struct verb *verb, const struct tool *tool, int argc,
                   char **argv)
{
    const struct options_shape one_operand = {NULL, 0, 1, 1, verb->operand};
    struct session session = {.tool = tool};
    struct operands operands;
    void *options = verb->parse ? memory_alloc(1, verb->options_size) : NULL;
    char none = 0;
    int code = TOOL_FAILED;
    switch (verb->parse ? verb->parse(argc, argv, options, &operands)
                        : options_parse(&one_operand, argc, argv, &none, &operands)) {
    case OPTIONS_HELP:
        code = print_help(command);
        break;
    case OPTIONS_WRONG:
        code = command_misused(command->name, operands.problem);
        break;
    default:
        if (verb->without_session || session_open(&session, tool))
            code = verb->work(&session, options ? options : operands.values[0]);
    }
    session_close(&session);
    memory_free(options);
    return code;
}

static const struct verb *find_verb(const struct command *command, const char *name)
{
    for (size_t i = 0; i < command->count; i++) {
        if (!strcmp(command->verbs[i].name, name))
            return &command->verbs[i];
    }
    return NULL;
}

int verb_run(const struct command *command, const struct tool *tool, int argc, char **argv)
{
    const char *name;
    for (;; argc--, argv++) { /* down the groups that the words name */
        name = argc > 1 ? argv[1] : "";
        if (!command->verbs[0].name)
            return run_one(command, &command->verbs[0], tool, argc, argv);
        if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
            return print_help(command);
        const struct verb *verb = find_verb(command, name);
        if (!verb)
            break;
        if (!verb->group)
            return run_one(command, verb, tool, argc - 1, argv + 1);
        command = verb->group;
    }
    if (argc > 1)
        fprintf(stderr, "palate: there is no `palate %s %s`\n", command->name, name);
    fprintf(stderr, "palate: `palate %s` needs one of:", command->name);
    for (size_t i = 0; i < command->count; i++)
        fprintf(stderr, "%s %s", i ? "," : "", command->verbs[i].name);
    fprintf(stderr, "; see `palate %s --help`\n", command->name);
    return TOOL_USAGE;
}

enum options_outcome verb_parse_list(int argc, char **argv, void *options, struct operands *operands)
{
    static const struct option_rule rules[] = {
        {"tenant", OPTION_TEXT, offsetof(struct list_options, tenant), true, 0, 0},
        {"quiet", OPTION_FLAG, offsetof(struct list_options, quiet), false, 0, 0}};
    static const struct options_shape shape = {rules, 2, 0, 0, ""};
    return options_parse(&shape, argc, argv, options, operands);
}

bool verb_lists_nothing(size_t count, bool quiet, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!count && !quiet) {
        fputs("palate: ", stderr);
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
    }
    va_end(arguments);
    return !count;
}
