/* main of the command line tool `palate`: the table of its commands. What a command does is in cli/.
 *
 * The options before the command are the tool's own; everything behind the command's name is left to it.
 * Exit codes are the same for all commands (cli/command.h), so that cron jobs and scripts can tell a wrong
 * call from a failure.
 *
 * To add a command: a file in cli/ with a `const struct command`, its verbs and its help, and a row here.
 * The list that `palate --help` prints and the one behind an unknown command are this table. */
#include "base/config.h"
#include "base/version.h"
#include "cli/accounts/client.h"
#include "cli/accounts/context.h"
#include "cli/accounts/event_type.h"
#include "cli/accounts/tenant.h"
#include "cli/accounts/token.h"
#include "cli/accounts/user.h"
#include "cli/doctor/doctor.h"
#include "cli/evaluate/compare.h"
#include "cli/evaluate/evaluate.h"
#include "cli/evaluate/recommend.h"
#include "cli/gorse/export.h"
#include "cli/gorse/push.h"
#include "cli/grants.h"
#include "cli/import/import.h"
#include "cli/inspect.h"
#include "cli/metrics.h"
#include "cli/migrate.h"
#include "cli/progress.h"
#include "cli/prune.h"
#include "cli/settings.h"
#include "cli/setup.h"
#include "cli/train/train.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const struct command *command;
    const char *summary; /* one line for the list of commands */
} commands[] = {
    {&setup_command, "make an installation: web server, database, cron; then prove it"},
    {&settings_command, "print every setting as a configuration file, or as a page"},
    {&migrate_command, "bring the database's schema up to date"},
    {&grants_command, "print the database rights that workers need, as SQL for its administrator"},
    {&tenant_command, "create, list, enable, disable and limit tenants"},
    {&client_command, "create, list, enable and disable API clients"},
    {&token_command, "print a signed token for a client"},
    {&metrics_command, "make the token that GET /metrics wants"},
    {&context_command, "set, list, show and delete contexts"},
    {&event_type_command, "list, set and delete types of events and their weights"},
    {&user_command, "export or erase everything about one end user, or find the receipt"},
    {&import_command, "read items or events from a file"},
    {&train_command, "learn model files from items and events: of the database, or of files"},
    {&recommend_command, "lists for many users, from files"},
    {&evaluate_command, "how good lists would be on a file of events, against plain methods"},
    {&export_command, "write items, users and events as files for Gorse"},
    {&push_command, "send what is new of them to a Gorse server"},
    {&compare_command, "the lists that were shown against the remote recommender's"},
    {&inspect_command, "say what a model file holds"},
    {&prune_command, "remove old logs, expired lists, empty rows of users and, if told so, events"},
    {&doctor_command, "check configuration, database, models and the running service"},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_commands(FILE *out)
{
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].command->name, commands[i].summary);
}

static int print_help(void)
{
    printf("usage: palate [--config FILE] [--no-progress] COMMAND ...\n\nPalate recommends products: this is "
           "its tool for "
           "operators.\n\ncommands:\n");
    print_commands(stdout);
    printf("\n`palate COMMAND --help` explains a command.\n"
           "\n"
           "  --config FILE   default: $PALATE_CONFIG, else " CONFIG_DEFAULT_PATH "\n"
           "  --no-progress   do not show how far a long command is: for cron, which mails what is printed\n"
           "  --version       print the version\n"
           "  --help          this text\n"
           "\n"
           "example: palate --config /etc/palate/palate.conf doctor --url http://127.0.0.1:5051\n"
           "\n"
           "exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but for rejected lines (import) or a "
           "remote\nrecommender that was not told (user erase), "
           "4 another run is at work (push, prune)\n");
    return TOOL_DONE;
}

static int answer_unknown(const char *name)
{
    if (name)
        fprintf(stderr, "palate: there is no command \"%s\"; the commands are:\n", name);
    else
        fprintf(stderr, "palate: which command? The commands are:\n");
    print_commands(stderr);
    return TOOL_USAGE;
}

/* "+": options end at the first word that is none, which is the command. */
int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"no-progress", no_argument, NULL, 'p'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *named = getenv("PALATE_CONFIG");
    struct tool tool = {.config_path = named && *named ? named : CONFIG_DEFAULT_PATH};
    int code;
    while ((code = getopt_long(argc, argv, "+hc:", options, NULL)) != -1) {
        if (code == 'h')
            return print_help();
        if (code == 'v')
            return printf("palate " PALATE_VERSION "\n") < 0 ? TOOL_FAILED : TOOL_DONE;
        if (code == 'p')
            progress_silence();
        else if (code == 'c')
            tool.config_path = optarg;
        else
            return command_misused("", "wrong option before the command");
    }
    const char *name = optind < argc ? argv[optind] : NULL;
    for (size_t i = 0; name && i < COMMANDS; i++) {
        if (!strcmp(commands[i].command->name, name))
            return verb_run(commands[i].command, &tool, argc - optind, argv + optind);
    }
    return answer_unknown(name);
}
