/* main of the command line tool `palate`: its subcommand table. What a command does is in cli/. */
#include "base/config.h"
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
#include "cli/migrate.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "cli/setup.h"
#include "cli/train/train.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef PALATE_VERSION
#define PALATE_VERSION "0.1.0"
#endif

static const struct command commands[] = {
    {"setup", "make an installation: web server, database, cron; then prove it", setup_run},
    {"settings", "print every setting as a configuration file, or as a page", settings_run},
    {"migrate", "bring the database's schema up to date", migrate_run},
    {"grants", "print the database rights that workers need, as SQL for its administrator", grants_run},
    {"tenant", "create, list, enable and disable tenants", tenant_run},
    {"client", "create, list, enable and disable API clients", client_run},
    {"token", "print a signed token for a client", token_run},
    {"context", "set, list, show and delete contexts", context_run},
    {"event-type", "list, set and delete types of events and their weights", event_type_run},
    {"user", "export or erase everything about one end user", user_run},
    {"import", "read items or events from a file", import_run},
    {"train", "learn model files from items and events: of the database, or of files", train_run},
    {"recommend", "lists for many users, from files", recommend_run},
    {"evaluate", "how good lists would be on a file of events, against plain methods", evaluate_run},
    {"export", "write items, users and events as files for Gorse", export_run},
    {"push", "send what is new of them to a Gorse server", push_run},
    {"compare", "the lists that were shown against the remote recommender's", compare_run},
    {"inspect", "say what a model file holds", inspect_run},
    {"doctor", "check configuration, database, models and the running service", doctor_run},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_commands(FILE *out)
{
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
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
           "exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but for rejected lines (import), "
           "4 another run is at work (push)\n");
    return TOOL_DONE;
}

static int unknown(const char *name)
{
    if (name)
        fprintf(stderr, "palate: there is no command \"%s\"; the commands are:\n", name);
    else
        fprintf(stderr, "palate: which command? The commands are:\n");
    print_commands(stderr);
    return TOOL_USAGE;
}

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
    const struct command *command = name ? command_find(commands, COMMANDS, name) : NULL;
    return command ? command->run(&tool, argc - optind, argv + optind) : unknown(name);
}
